import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { ANSWER, startMeeting } from './meeting.ts'

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html', '.css': 'text/css' }

/** Serves a folder on 127.0.0.1 until the end of the test, and resolves to its URL, which ends with a slash. */
export async function serveFolder(folder: string): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const path = join(folder, pathname === '/' ? 'index.html' : pathname)
    if (!existsSync(path)) response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end()
    else
      response
        .writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
        .end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A page, and the uncaught errors, error messages and warnings that it has reported. */
export interface Visit {
  readonly page: Page
  readonly complaints: readonly string[]
}

/** Opens a page that is closed after the test. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

/** The application of app/page.js, on a page that loads it, meets the peer, and nothing is reported. */
export async function expectMeeting(browser: Browser, url: string, name: string): Promise<void> {
  const meeting = await startMeeting()
  const { complaints, page } = await visit(browser, url)
  await page.waitForFunction(() => 'meet' in globalThis)
  expect(await page.evaluate(meetInPage, { url: meeting.url, name })).toBe(ANSWER)
  expect(meeting.heard).toEqual([`hello from ${name}`])
  expect(complaints).toEqual([])
}

/** Runs in a page. */
function meetInPage({ name, url }: { url: string; name: string }): Promise<string> {
  return Reflect.get(globalThis, 'meet')(url, name)
}
