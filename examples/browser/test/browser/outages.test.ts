import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { Cable } from './support/cable.ts'
import { createFile } from './support/files.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { open, sha256, type Tab, visit } from './support/tab.ts'

const MB = 1000 ** 2
const LOST = /^Connection lost/

const browser = useChromium()
const site = useSite()

test('offline and online again: what was said in the meantime arrives, and nobody appears twice', async () => {
  const server = await RestartableProxy.start()
  const cable = await Cable.to(server.port)
  const room = { site: site(), room: 'offline', isLinkCut: true }
  const ada = await visit(browser(), { ...room, nickname: 'Ada', proxy: cable.url })
  const grace = await visit(browser(), { ...room, nickname: 'Grace', proxy: server.url })
  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])

  await ada.page.context().setOffline(true)
  cable.cut()
  await linkText(ada, LOST).waitFor()
  expect(await ada.picture()).toBe('The swarm: you, without a connection; 1 peer: Grace')
  expect(cable.size).toBe(0)
  await ada.say('said offline')
  await grace.say('said while Ada was offline')
  expect(await grace.page.getByText('said offline').count()).toBe(0)

  cable.restore()
  // The browser tells the page that it is online, so it does not wait for its next attempt.
  await ada.page.context().setOffline(false)
  await linkText(ada, 'Connected').waitFor()
  await grace.hears('said offline')
  await ada.hears('said while Ada was offline')
  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])
  await ada.say('after')
  await grace.hears('after')
})

test('the proxy server restarts during a transfer: the transfer completes, and people keep talking', async () => {
  const server = await RestartableProxy.start()
  const cable = await Cable.to(server.port)
  const room = { site: site(), room: 'restart', isLinkCut: true }
  const ada = await visit(browser(), { ...room, nickname: 'Ada', proxy: cable.url })
  const grace = await visit(browser(), { ...room, nickname: 'Grace', proxy: server.url })
  const path = await createFile('film.bin', 20 * MB)
  await ada.share(path)
  // However fast the transfer is, the server goes away halfway through it.
  const isHalfThrough = cable.cutAfter(10 * MB)
  await grace.page.getByRole('button', { name: 'Get film.bin' }).click()
  await isHalfThrough
  await server.stop()
  await Promise.all([ada, grace].map((tab) => linkText(tab, LOST).waitFor()))
  const progress = grace.page.getByRole('progressbar', { name: 'Progress of film.bin' })
  const value = Number(await progress.getAttribute('value'))
  expect(value).toBeGreaterThan(MB)
  expect(value).toBeLessThan(11 * MB)
  await ada.say('said while there was no server')
  await server.startAgain()
  cable.restore()

  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])
  await grace.hears('said while there was no server')
  await grace.say('there it is again')
  await ada.hears('there it is again')
  expect(await grace.save('film.bin')).toBe(await sha256(path))
})

test('a page that is opened while there is no server says so, and joins when there is one', async () => {
  const server = await RestartableProxy.start()
  await server.stop()
  const ada = await open(browser(), {
    site: site(),
    room: 'early',
    nickname: 'Ada',
    proxy: server.url,
    isLinkCut: true
  })
  await linkText(ada, /^The proxy server does not answer/).waitFor()
  await server.startAgain()
  await linkText(ada, 'Connected').waitFor()
})

test.each<[what: string, (page: Page) => Promise<unknown>]>([
  ['a button', (page) => page.getByRole('button', { name: 'Try now' }).dispatchEvent('click')],
  ['the browser that is online again', (page) => page.evaluate(() => dispatchEvent(new Event('online')))]
])('%s ends the wait for the next attempt', async (_, hurry) => {
  const server = await RestartableProxy.start()
  const cable = await Cable.to(server.port)
  const ada = await visit(browser(), { site: site(), room: 'try', nickname: 'Ada', proxy: cable.url, isLinkCut: true })
  const { page } = ada
  await page.clock.install()
  cable.cut()
  await linkText(ada, LOST).waitFor()
  // From here on, no timer of the page fires: only what is done now can cause an attempt.
  await page.clock.pauseAt(Date.now() + 1000)
  cable.restore()
  // An attempt that began before the cable was back makes the first of these futile.
  const hurryOnce = async () => {
    if (cable.size === 0) await hurry(page)
    return cable.size
  }
  await expect.poll(hurryOnce).toBe(1)
  await page.clock.resume()
  await linkText(ada, 'Connected').waitFor()
})

function linkText(tab: Tab, text: string | RegExp) {
  return tab.page.getByRole('status').getByText(text).or(tab.page.locator('header').getByText(text)).first()
}
