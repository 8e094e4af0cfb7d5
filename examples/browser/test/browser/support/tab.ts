import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { PATIENCE_MS } from '../../../../../test/support/chromium.js'
import { writeHash } from '../../../page/address.ts'

/** What Chromium itself logs when a server cannot be reached; no page can prevent that. */
const UNREACHABLE = /^(WebSocket connection to .* failed|Failed to load resource: net::ERR_CONNECTION_)/

/** The person who opens the page, and how they do it. */
export interface Visit {
  site: string
  room: string
  nickname: string
  /** Default: the page's own server. */
  proxy?: string
  /** Whether the proxy server goes away during the test. */
  isLinkCut?: boolean
  context?: BrowserContextOptions
}

/** A person at the page, in a browser profile of their own. */
export class Tab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get peers(): Locator {
    return this.page.getByRole('list', { name: 'Peers' }).getByRole('listitem')
  }

  /** The picture's description for screen readers. */
  async picture(): Promise<string> {
    return (await this.page.getByRole('img').getAttribute('aria-label')) ?? ''
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message').fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
  }

  /** Resolves when the text appears in the conversation. */
  async hears(text: string): Promise<void> {
    await this.page.getByRole('log').getByText(text, { exact: true }).waitFor()
  }

  /** Resolves when exactly these people are in the room. */
  async sees(...nicknames: string[]): Promise<void> {
    const seen = async () => (await this.peers.locator('strong').allTextContents()).sort()
    await expect.poll(seen).toEqual(nicknames.sort())
  }

  async share(path: string): Promise<void> {
    await this.page.getByLabel('Files to share').setInputFiles(path)
  }

  /** Fetches a file, saves it, and returns the SHA-256 of what was saved. */
  async fetch(name: string): Promise<string> {
    await this.page.getByRole('button', { name: `Get ${name}` }).click()
    return this.save(name)
  }

  /** Waits until a file is complete, saves it, and returns its SHA-256. */
  async save(name: string): Promise<string> {
    const button = this.page.getByRole('button', { name: `Save ${name}` })
    await button.waitFor()
    const [download] = await Promise.all([this.page.waitForEvent('download'), button.click()])
    return sha256(await download.path())
  }

  async leave(): Promise<void> {
    await this.page.context().close()
  }
}

/** Opens the page and joins. Resolves when there is a link to the proxy server. */
export async function visit(browser: Browser, visit: Visit): Promise<Tab> {
  const tab = await open(browser, visit)
  await tab.page.getByText('Connected', { exact: true }).first().waitFor()
  return tab
}

/** Opens the page and joins. The page must not log an error, and is closed after the test. */
export async function open(browser: Browser, visit: Visit): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...visit.context })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const errors = collectErrors(page, visit.isLinkCut === true)
  onTestFinished(async () => {
    await context.close()
    expect(errors, `errors in ${visit.nickname}'s page`).toEqual([])
  })
  // Direct paths would carry on without the link that the test is about.
  const search = visit.isLinkCut === true ? '?direct=off' : ''
  const proxies = visit.proxy === undefined ? [] : [visit.proxy]
  await page.goto(visit.site + search + writeHash({ name: visit.room, proxies }))
  await page.getByLabel('Your name').fill(visit.nickname)
  await page.getByRole('button', { name: 'Join' }).click()
  return new Tab(page)
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

function collectErrors(page: Page, isLinkCut: boolean): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (!isLinkCut || !UNREACHABLE.test(text)) errors.push(text)
  })
  return errors
}
