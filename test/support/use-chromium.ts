import type { Browser, LaunchOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium } from './chromium.ts'

/** A Chromium for all tests of a file. */
export function useChromium(options: LaunchOptions = {}): () => Browser {
  let browser: Browser | null = null
  beforeAll(async () => {
    browser = await launchChromium(options)
  })
  afterAll(() => browser?.close())
  return () => {
    if (browser === null) throw new Error('there is no browser outside of tests')
    return browser
  }
}
