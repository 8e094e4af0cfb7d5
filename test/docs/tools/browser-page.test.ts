/** The page of docs/getting-started-browser.md, built by Vite with its defaults: two tabs and a native peer talk. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../../../scripts/docs/root.ts'
import { launchChromium } from '../../support/chromium.ts'
import { freePort, Place } from '../support/sample.ts'
import { startProgram } from './support/program.ts'

test('two tabs and a native peer say hello, and continue when the server restarts', async () => {
  const place = await Place.open()
  const proxyPort = await freePort()
  const proxy = await startProxy(place, proxyPort)
  const site = await serve(proxyPort)
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const [anna, ben] = [await browser.newPage(), await browser.newPage()]
  for (const tab of [anna, ben]) await tab.goto(site)
  for (const tab of [anna, ben]) await sees(tab, 'peers: 1')

  const native = place.run('hello')
  await sees(anna, /hello from process \d+/)
  await talk(anna, ben, native)

  await proxy.close()
  await sees(anna, 'no link to the proxy server')
  await startProxy(place, proxyPort)
  for (const tab of [anna, ben]) await sees(tab, 'peers: 2')
  await talk(ben, anna, native)
})

/** Checks that text typed in one tab arrives at the other, and at the native peer. */
async function talk(from: Page, to: Page, native: { line(pattern: RegExp): Promise<unknown> }): Promise<void> {
  const text = `is it ${Math.random()}?`
  await from.getByPlaceholder('say something').fill(text)
  await from.keyboard.press('Enter')
  await sees(from, `me: ${text}`)
  await sees(to, text)
  await native.line(/^is it .*\?$/)
}

async function sees(tab: Page, text: string | RegExp): Promise<void> {
  await tab.getByText(text, { exact: true }).first().waitFor({ timeout: 60_000 })
  expect(await tab.title()).toBe('First swarm')
}

async function startProxy({ bootstrap }: Place, port: number) {
  const server = new ProxyServer({ bootstrap: [bootstrap], host: '127.0.0.1' })
  const { close } = await listen(server, { port, host: '127.0.0.1' })
  let closing: Promise<void> | null = null
  const end = (): Promise<void> => {
    closing ??= server.destroy().then(close)
    return closing
  }
  onTestFinished(end)
  return { close: end }
}

/** Builds the page as a reader does, in a new folder with the built packages, and serves it. */
async function serve(proxyPort: number): Promise<string> {
  execFileSync('npx', ['tsc', '-b', 'packages/proxy-client'], { cwd: ROOT, stdio: 'inherit' })
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(ROOT, 'docs/getting-started'), folder, { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const main = join(folder, 'main.js')
  writeFileSync(main, readFileSync(main, 'utf8').replace('8080', String(proxyPort)))
  const port = await freePort()
  const vite = [process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js')]
  execFileSync(vite[0] ?? '', [...vite.slice(1), 'build', '--logLevel', 'warn'], { cwd: folder, stdio: 'inherit' })
  await startProgram(port, [...vite, 'preview', '--host', '127.0.0.1', '--port', String(port)], { cwd: folder })
  return `http://127.0.0.1:${port}/`
}
