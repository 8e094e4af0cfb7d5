/** Every diagram of the pages can be drawn. If DIAGRAMS names a folder, the pictures are saved there. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPages } from '../../../scripts/docs/pages.ts'
import { launchChromium } from '../../support/chromium.ts'

const folder = process.env['DIAGRAMS']
const diagrams = readPages()
  .flatMap(({ blocks }) => blocks)
  .filter(({ lang }) => lang === 'mermaid')
  .map(({ page, line, text }) => ({ at: `${page}:${line}`, text }))

const require = createRequire(import.meta.url)
const bundle = readFileSync(require.resolve('mermaid').replace(/[^/]+$/, 'mermaid.min.js'), 'utf8')

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
  await page.setContent('<!doctype html><body style="background: white"></body>')
  await page.addScriptTag({ content: bundle })
})

afterAll(() => browser?.close())

describe('can be drawn:', () => {
  test.each(diagrams)('$at', async ({ at, text }) => {
    const [width, height] = await draw(text)
    expect(width).toBeGreaterThan(50)
    expect(height).toBeGreaterThan(50)
    if (folder) await page.screenshot({ path: join(folder, `${at.replaceAll(/\W+/g, '-')}.png`), fullPage: true })
  })
})

test('an invalid diagram is reported', async () => {
  await expect(draw('flowchart LR\n  a --> --> b')).rejects.toThrow('Parse error')
})

/** The parts of the page that are used. */
interface Drawing {
  mermaid: { render(id: string, text: string): Promise<{ svg: string }> }
  document: { body: { innerHTML: string; firstElementChild: { getBoundingClientRect(): Size } } }
}

interface Size {
  width: number
  height: number
}

/** Resolves to the size of the picture. Rejects with mermaid's error. */
function draw(text: string): Promise<[number, number]> {
  return page.evaluate(async (source) => {
    const { document, mermaid } = globalThis as unknown as Drawing
    const { svg } = await mermaid.render('drawn', source)
    document.body.innerHTML = svg
    const { width, height } = document.body.firstElementChild.getBoundingClientRect()
    return [width, height]
  }, text)
}
