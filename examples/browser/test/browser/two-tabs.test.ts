import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { visit } from './support/tab.ts'

const browser = useChromium()
const site = useSite()

test('two tabs that join a name see each other and talk, and a latecomer receives what was said', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'tea at four', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  expect(await ada.picture()).toBe('The swarm: you, behind your proxy server; nobody else yet')
  await ada.say('is anybody here?')

  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])
  await expect.poll(() => ada.picture()).toBe('The swarm: you, behind your proxy server; 1 peer: Grace')
  expect(await ada.peers.first().getAttribute('data-reach')).toBe('proxy')
  await grace.hears('is anybody here?')
  await grace.say('yes, me')
  await ada.hears('yes, me')
})

test('a reloaded tab returns as the same peer, in the same room', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'reload', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  await ada.sees('Grace')
  const key = await ada.peers.first().getAttribute('data-peer')
  await grace.page.reload()
  await grace.sees('Ada')
  await ada.sees('Grace')
  expect(await ada.peers.first().getAttribute('data-peer')).toBe(key)
  await grace.say('back again')
  await ada.hears('back again')
})

test('a tab that leaves and joins again is the same peer', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'again', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  await ada.sees('Grace')
  const key = await ada.peers.first().getAttribute('data-peer')
  await grace.page.getByRole('button', { name: 'Leave' }).click()
  await ada.sees()
  await grace.page.getByRole('button', { name: 'Join' }).click()
  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])
  expect(await ada.peers.first().getAttribute('data-peer')).toBe(key)
})

test('a copy of a tab is a peer of its own', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const ada = await visit(browser(), { site: site(), room: 'copies', proxy, nickname: 'Ada' })
  // window.open copies the session storage, just as "Duplicate tab" does.
  const [copy] = await Promise.all([
    ada.page.waitForEvent('popup'),
    ada.page.evaluate(() => void window.open(location.href, '_blank'))
  ])
  await copy.getByText('Connected', { exact: true }).first().waitFor()
  await ada.sees('Ada')
})

test('people in another room are not seen', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const [ada, grace, joan] = await Promise.all([
    visit(browser(), { site: site(), room: 'one', proxy, nickname: 'Ada' }),
    visit(browser(), { site: site(), room: 'another', proxy, nickname: 'Grace' }),
    visit(browser(), { site: site(), room: 'one', proxy, nickname: 'Joan' })
  ])
  await Promise.all([ada.sees('Joan'), joan.sees('Ada')])
  expect(await grace.peers.count()).toBe(0)
})
