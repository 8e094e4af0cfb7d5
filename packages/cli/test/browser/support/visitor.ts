import { readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { PATIENCE_MS } from '../../../../../test/support/chromium.js'

/** What Chromium itself logs when a server cannot be reached; no page can prevent that. */
const UNREACHABLE = /^(WebSocket connection to .* failed|Failed to load resource: net::ERR_CONNECTION_)/

/** Somebody at the page. The page must not complain, for example that its policy forbids something. */
export class Visitor {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    context.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    const tab = await Visitor.#tab(await context.newPage(), complaints)
    onTestFinished(async () => {
      await context.close()
      expect(complaints).toEqual([])
    })
    await tab.page.goto(url)
    return tab
  }

  static async #tab(page: Page, complaints: string[]): Promise<Visitor> {
    page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !UNREACHABLE.test(message.text())) complaints.push(message.text())
    })
    return new Visitor(page)
  }

  /** Resolves when the page shows this text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click()
  }

  /** Saves by this button; resolves to the name and what was saved. */
  async save(name: string): Promise<{ name: string; content: Buffer }> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.press(name)])
    return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
  }

  /** Whether anything is wider than the screen. */
  async isTooWide(): Promise<boolean> {
    return await this.page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
  }
}
