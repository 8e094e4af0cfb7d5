import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { writeHash } from '../../page/address.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { visit } from './support/tab.ts'

const browser = useChromium()
const site = useSite()

test('everything can be done with the keyboard', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const grace = await visit(browser(), { site: site(), room: 'keys', proxy, nickname: 'Grace' })
  const ada = await visit(browser(), { site: site(), room: 'elsewhere', proxy, nickname: 'Ada' })
  await ada.page.getByRole('button', { name: 'Leave' }).press('Enter')
  // The form focuses the room's name, because it still knows our nickname.
  await ada.page.keyboard.press('Control+A')
  await ada.page.keyboard.type('keys')
  await ada.page.keyboard.press('Enter')
  await ada.sees('Grace')
  await ada.page.keyboard.type('typed at once')
  await ada.page.keyboard.press('Enter')
  await grace.hears('typed at once')
  await grace.page.getByLabel('Files to share').setInputFiles({ name: 'a.txt', mimeType: '', buffer: Buffer.from('a') })
  await ada.page.getByRole('button', { name: 'Get a.txt' }).press('Enter')
  await ada.page.getByRole('button', { name: 'Save a.txt' }).waitFor()
})

test('the form says what is wrong with a proxy address, and joins when it is right', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const page = await browser().newPage()
  await page.goto(site() + writeHash({ name: 'form', proxies: [] }))
  expect(await page.getByRole('heading').textContent()).toBe('Join “form”')
  await page.getByLabel('Your name').fill('Ada')
  await page.getByText('Proxy server', { exact: true }).click()
  await page.getByLabel('WebSocket address').fill('example.org')
  await page.getByRole('button', { name: 'Join' }).click()
  expect(await page.getByRole('alert').textContent()).toBe('A proxy server’s address begins with wss:// or ws://.')
  await page.getByLabel('WebSocket address').fill(`${proxy} ws://127.0.0.1:9`)
  await page.getByRole('button', { name: 'Join' }).click()
  await page.getByText('Connected', { exact: true }).first().waitFor()
  // The address is an invitation to the same room through the same proxies.
  expect(new URL(page.url()).hash).toBe(writeHash({ name: 'form', proxies: [proxy, 'ws://127.0.0.1:9'] }))
  await page.close()
})

// "Leave" had a line of its own, above the state of the link.
test('on a phone the buttons are beside the name of the room', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const context = { viewport: { width: 320, height: 640 } }
  const { page } = await visit(browser(), { site: site(), room: 'kitchen', proxy, nickname: 'Ada', context })
  const middleOf = async (element: Locator) => {
    const box = await element.boundingBox()
    return Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2)
  }
  const copy = await middleOf(page.getByRole('button', { name: 'Copy link' }))
  expect(await middleOf(page.getByRole('button', { name: 'Leave' }))).toBe(copy)
  expect(Math.abs((await middleOf(page.getByRole('heading', { name: 'kitchen' }))) - copy)).toBeLessThan(8)
})

test('nothing is wider than the screen of a phone, even with long names and long words', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const context = { viewport: { width: 320, height: 640 } }
  const room = { site: site(), room: 'averyveryverylongnameofaroom'.repeat(3), proxy, context }
  const ada = await visit(browser(), { ...room, nickname: 'A'.repeat(32) })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  await ada.sees('Grace')
  await ada.say('w'.repeat(300))
  await ada.page
    .getByLabel('Files to share')
    .setInputFiles({ name: `${'long'.repeat(40)}.txt`, mimeType: '', buffer: Buffer.from('a') })
  await grace.page.getByRole('button', { name: /^Get long/ }).waitFor()
  for (const { page } of [ada, grace]) expect(await tooWide(page)).toEqual(['SPAN visually-hidden'])
})

// With more than 14 peers, the legend and the list used to cover the picture.
test.each([
  [1280, 800],
  [900, 700],
  [380, 740]
])('with many peers on a screen of %d by %d, nothing lies over anything else', async (width, height) => {
  const { url: proxy } = await RestartableProxy.start()
  const context = { viewport: { width, height } }
  const ada = await visit(browser(), { site: site(), room: 'crowd', proxy, nickname: 'Ada', context })
  await ada.page.getByText('You are alone here').waitFor()
  for (const count of [2, 14, 20, 60]) {
    const { edges, list } = await ada.page.evaluate(crowd, count)
    for (const [i, { top }] of edges.entries()) if (i > 0) expect(top).toBeGreaterThanOrEqual(edges[i - 1]?.bottom ?? 0)
    expect(list).toBe(count)
  }
})

test('alone, the page offers a link and a code to scan, and says that a line waits', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const ada = await visit(browser(), { site: site(), room: 'alone', proxy, nickname: 'Ada' })
  expect(await ada.page.getByLabel('Link to this room').inputValue()).toBe(ada.page.url())
  await ada.page.locator('.code').waitFor()
  await ada.say('is anybody here?')
  await ada.page.getByText('not sent yet').waitFor()
  const grace = await visit(browser(), { site: site(), room: 'alone', proxy, nickname: 'Grace' })
  await grace.hears('is anybody here?')
  await ada.page.getByText('not sent yet').waitFor({ state: 'hidden' })
  expect(await ada.page.locator('.code').isVisible()).toBe(false)
})

// The picture and its legend left room for two people of the list, and cut the link in half.
test('on a phone, the link to the room is in view while nobody is there', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const context = { viewport: { width: 380, height: 740 } }
  const ada = await visit(browser(), { site: site(), room: 'phone', proxy, nickname: 'Ada', context })
  const link = ada.page.getByLabel('Link to this room')
  expect(await bottomOf(link)).toBeLessThanOrEqual(await bottomOf(ada.page.locator('aside')))
})

test('a wrong address is told apart from a server that is down', async () => {
  const at = (proxy: string) =>
    browser()
      .newPage()
      .then(async (page) => {
        await page.goto(site() + writeHash({ name: 'wrong', proxies: [proxy] }))
        await page.getByLabel('Your name').fill('Ada')
        await page.getByRole('button', { name: 'Join' }).click()
        return page
      })
  const [wrong, down] = await Promise.all([at(`${site().replace('http', 'ws')}nothing-here`), at('ws://127.0.0.1:9')])
  await wrong.getByRole('status').getByText('no proxy server answers').waitFor({ state: 'attached' })
  await down.getByRole('status').getByText('does not answer').waitFor({ state: 'attached' })
  // The sentence about the server left the name of the room the width of a letter.
  await wrong.setViewportSize({ width: 900, height: 700 })
  expect((await wrong.getByRole('heading', { name: 'wrong' }).boundingBox())?.height).toBeLessThan(40)
  await Promise.all([wrong.close(), down.close()])
})

test.each(['light', 'dark'] as const)(
  'text is readable in %s mode: its contrast is at least 4.5 to 1',
  async (colorScheme) => {
    const { url: proxy } = await RestartableProxy.start()
    const room = { site: site(), room: 'contrast', proxy, context: { colorScheme } }
    const ada = await visit(browser(), { ...room, nickname: 'Ada' })
    const grace = await visit(browser(), { ...room, nickname: 'Grace' })
    await grace.sees('Ada')
    await grace.say('hello')
    await ada.hears('hello')
    await ada.say('hello yourself')
    await ada.share(new URL(import.meta.url).pathname)
    await ada.page.getByText('shared by you').waitFor()
    for (let hue = 0; hue < 360; hue += 30) {
      await paint(ada.page, hue)
      expect(await faintTexts(ada.page), `with a hue of ${hue}`).toEqual([])
    }
  }
)

/** Elements that are wider than their space, including the page itself. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = [document.documentElement, ...document.querySelectorAll('main, main *:not(svg, svg *, input)')]
    const isTooWide = (element: Element) =>
      element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX !== 'visible'
    return all.filter(isTooWide).map(({ className, tagName }) => `${tagName} ${className}`)
  })
}

/** Gives everybody the same colour. */
function paint(page: Page, hue: number): Promise<void> {
  return page.evaluate((value) => {
    for (const element of document.querySelectorAll<HTMLElement>('.author')) {
      element.style.setProperty('--hue', String(value))
    }
  }, hue)
}

/** Texts whose contrast with their background is below 4.5, by the formula of WCAG. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const luminance = (colour: string) => {
      if (context === null) throw new Error('no canvas')
      context.fillStyle = colour
      context.fillRect(0, 0, 1, 1)
      const [r = 0, g = 0, b = 0] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
        const part = value / 255
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element: Element | null): string => {
      if (element === null) return 'white'
      const { backgroundColor } = getComputedStyle(element)
      return backgroundColor === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : backgroundColor
    }
    const isText = (node: Node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''
    const texts = [...document.querySelectorAll('main *:not(svg *)')].filter((e) => [...e.childNodes].some(isText))
    return texts
      .filter((element) => {
        const pair = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => b - a)
        return ((pair[0] ?? 0) + 0.05) / ((pair[1] ?? 0) + 0.05) < 4.5
      })
      .map((element) => `${element.className}: ${element.textContent}`)
  })
}

/** The lower edge of something that is shown. */
async function bottomOf(locator: Locator): Promise<number> {
  const box = await locator.boundingBox()
  if (box === null) throw new Error(`${locator} is not shown`)
  return box.y + box.height
}

/** Fills the list with this many peers, and measures the parts beside the conversation. Runs on the page. */
function crowd(count: number) {
  const list = document.querySelector('.peers') as HTMLElement
  for (const extra of document.querySelectorAll('.invitation')) extra.setAttribute('hidden', '')
  list.replaceChildren()
  for (let i = 0; i < count; i++)
    list.insertAdjacentHTML('beforeend', `<li><strong>Guest ${i}</strong> behind a proxy</li>`)
  const parts = ['.picture', '.legend', '.people', '.details'].map((name) => document.querySelector(name) as Element)
  // On a phone, there is no legend.
  const shown = parts.filter((part) => part.getClientRects().length > 0)
  const edges = shown.map((part) => part.getBoundingClientRect()).map(({ bottom, top }) => ({ bottom, top }))
  return { edges, list: list.children.length }
}
