import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { PATIENCE_MS } from '../../../../../test/support/chromium.js'
import type { Bundle } from './build.js'
import { serve } from './site.js'

/** A page, and the errors and warnings that it has reported. */
export interface OpenPage {
  readonly page: Page
  /** Uncaught errors and rejections, and what was written to the console as an error or a warning. */
  readonly complaints: string[]
}

/** What a page is served with. */
export interface PageOptions {
  /** Headers of the page, such as a Content-Security-Policy. */
  headers?: Record<string, string>
}

/** Opens a new empty page and loads the bundle's entry in it. The page is closed after the test. */
export async function openPage(browser: Browser, bundle: Bundle, options: PageOptions = {}): Promise<OpenPage> {
  const site = await serve(bundle, options.headers)
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  onTestFinished(async () => {
    await context.close()
    await site.close()
  })
  const [entry = ''] = bundle.keys()
  return loadPage(context, site.url, entry)
}

async function loadPage(context: BrowserContext, url: string, entry: string): Promise<OpenPage> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(url)
  await page.addScriptTag({ type: 'module', url: `/${entry}` })
  return { page, complaints }
}
