import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { launchChromium, PATIENCE_MS } from '../../../../../test/support/chromium.js'
import type { ProxyServer } from '../../../src/index.js'
import { type ListenStatusOptions, listenStatus, type StatusSource } from '../../../src/status/index.js'

/** Where the tests put pictures, for people. */
export const SCREENSHOTS = fileURLToPath(new URL('../../../.tmp/screenshots/', import.meta.url))
const INTERVAL_MS = 250

// For the test file that imports this.
let chromium: Browser
beforeAll(async () => {
  chromium = await launchChromium()
  await mkdir(SCREENSHOTS, { recursive: true })
})
afterAll(() => chromium?.close())

/** The page of a server or a source, closed after the test. */
export async function serve(source: ProxyServer | StatusSource, options: ListenStatusOptions = {}) {
  const status = await listenStatus(source, { intervalMs: INTERVAL_MS, ...options })
  onTestFinished(() => status.close())
  return status
}

/** A tab and its errors. */
export async function open(url: string, options: BrowserContextOptions = {}) {
  const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const problems: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('request', (request) => hosts.add(new URL(request.url()).host))
  await page.goto(url)
  return { context, page, problems, hosts }
}

/** Waits until the state line contains the text. */
export async function state(page: Page, text: string): Promise<void> {
  await page.locator('#health p', { hasText: text }).first().waitFor()
}

/** Waits until the value of a tile matches. */
export async function tile(page: Page, title: string, value: RegExp): Promise<void> {
  const element = page.locator('.tile', { has: page.getByText(title, { exact: true }) })
  await element.locator('.value', { hasText: value }).waitFor()
}
