import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

/** Path of Firefox: the environment variable FIREFOX, or `firefox` or `firefox-esr` on the PATH. Null: there is none. */
export const FIREFOX: string | null = process.env['FIREFOX'] || onPath('firefox') || onPath('firefox-esr')

/** A Firefox for all tests of a file, and the folder where it saves. By WebDriver BiDi, which a stock Firefox speaks; Playwright needs a build of its own. */
export function useFirefox(): () => { browser: Browser; downloads: string } {
  let browser: Browser | null = null
  let downloads = ''
  beforeAll(async () => {
    if (FIREFOX === null) return
    downloads = mkdtempSync(join(tmpdir(), 'swarmway-downloads-'))
    const extraPrefsFirefox = { 'browser.download.folderList': 2, 'browser.download.dir': downloads }
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, timeout: 0, extraPrefsFirefox })
  })
  afterAll(async () => {
    await browser?.close()
    if (downloads !== '') rmSync(downloads, { recursive: true })
  })
  return () => {
    if (browser === null) throw new Error('there is no browser outside of tests')
    return { browser, downloads }
  }
}

/** What the tests are called, which also says why they are skipped. */
export const IN_FIREFOX =
  FIREFOX === null ? 'in Firefox (skipped: there is no firefox on the PATH, nor in FIREFOX)' : 'in Firefox'

/** Firefox reports a WebSocket that ends with its page, or that a download interrupts, as an error of the page. */
const INTERRUPTED = /was interrupted while the page was loading/

/** Opens a page as a visitor with storage of their own. The page must not fail. Closed after the test. */
export async function openInFirefox(browser: Browser, url: string): Promise<Page> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  page.setDefaultTimeout(0)
  const problems: unknown[] = []
  page.on('pageerror', (error) => {
    if (!INTERRUPTED.test(String(error))) problems.push(error)
  })
  onTestFinished(async () => {
    await context.close()
    expect(problems).toEqual([])
  })
  await page.goto(url)
  return page
}

function onPath(name: string): string | null {
  return spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim() || null
}
