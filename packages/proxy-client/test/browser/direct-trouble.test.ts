/** What happens to tabs on direct paths: paths that lose everything, servers that stop, connections and tabs that go. */
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { DirectTabs, look, reload, transfer, whenDirect, whenMesh } from './support/direct-tabs.js'
import { startServer } from './support/server.js'

/** What a tab says about one of its further connections. */
interface Further {
  isOpen: boolean
  path: string
  bytes: number
}

const tabsOf = new DirectTabs()

test('after a direct path has lost everything, the next one carries the connection when the server stops', async () => {
  const { tabs, server } = await tabsOf.meet()
  await tabs[0].evaluate('blackHole()')
  await transfer(tabs[0], tabs[1], 1)
  await whenDirect(tabs, 2)
  await server.destroy()
  await until('the links are gone', () => server.stats.attached === 0)
  await transfer(tabs[0], tabs[1], 2)
  await transfer(tabs[1], tabs[0], 2)
  const { paths, errors } = await look(tabs[0])
  expect({ paths, errors }).toEqual({ paths: ['direct', 'proxied', 'direct'], errors: [] })
})

test('when the direct path loses everything and the server stops, both tabs are told, and meet at the next server', async () => {
  const { tabs, server } = await tabsOf.meet()
  await tabs[0].evaluate('blackHole()')
  await Promise.all([tabs[0].evaluate('void send(1)'), server.destroy()])
  const states = () => Promise.all(tabs.map(look))
  await expect.poll(async () => (await states()).map(({ isOpen }) => isOpen)).toEqual([false, false])
  for (const { errors } of await states()) expect(errors).toEqual([expect.stringContaining('PATH_STALLED')])
  const next = await startServer()
  for (const tab of tabs) await tab.evaluate(`moveTo('${next.url}')`)
  await whenDirect(tabs, 2)
  for (const tab of tabs) await tab.evaluate('receivedHash()')
  await transfer(tabs[0], tabs[1], 2)
})

test('connections that close or are destroyed disturb no transfer of another one on the same peer connection', async () => {
  const { tabs, url } = await tabsOf.meet()
  for (let i = 0; i < 3; i++) {
    const topic = randomBytes(32).toString('hex')
    for (const tab of tabs) await tab.evaluate(`joinAlso('${url}', '${topic}')`)
  }
  const further = () => Promise.all(tabs.map((tab) => tab.evaluate<Further[]>('lookFurther()')))
  await expect.poll(async () => (await further()).flat().filter(({ path }) => path === 'direct').length).toBe(6)
  const [sender, receiver] = tabs
  const moved = transfer(sender, receiver, 50)
  const hasMoved = async (bytes: number) => (await look(receiver)).bytes >= bytes
  // One ends in the middle of what it sends, one is destroyed by its receiver.
  await expect.poll(() => hasMoved(5_000_000)).toBe(true)
  await sender.evaluate('void sendFurther(3000000), leaveFurther()')
  await receiver.evaluate('destroyFurther(1)')
  await moved
  const { errors, path, paths } = await look(receiver)
  expect({ errors, path, paths }).toEqual({ errors: [], path: 'direct', paths: ['direct'] })
  // Then the one that the peer connection was made for.
  const last = async () => (await further())[1]?.at(-1)
  await expect.poll(async () => (await last())?.bytes).toBe(3_000_000)
  await sender.evaluate('void sendFurther(3000000), leave()')
  await expect.poll(async () => (await look(receiver)).isOpen).toBe(false)
  await expect.poll(async () => (await last())?.bytes).toBe(6_000_000)
  expect(await last()).toMatchObject({ isOpen: true, path: 'direct' })
})

test('twenty tabs of which four are reloaded at the same time are all connected directly again', async () => {
  const { url } = await startServer()
  const topic = randomBytes(32).toString('hex')
  const tabs = await tabsOf.open([url], Array(20).fill({}), topic)
  await whenMesh(tabs)
  await Promise.all(tabs.slice(5, 9).map((tab) => reload(tab, url, topic)))
  await whenMesh(tabs)
}, 900_000)

test('a direct path that loses everything is given up, and the data take the proxy', async () => {
  const { tabs } = await tabsOf.meet()
  await tabs[0].evaluate('blackHole()')
  const startMs = performance.now()
  await transfer(tabs[0], tabs[1], 1)
  console.log(`given up and sent again after ${(performance.now() - startMs).toFixed(0)} ms`)
  expect((await look(tabs[0])).paths.slice(0, 2)).toEqual(['direct', 'proxied'])
})

test('the proxy server stops while tabs are on a direct path: their connection lives on', async () => {
  const { tabs, server } = await tabsOf.meet()
  await server.destroy()
  await until('the links are gone', () => server.stats.attached === 0)
  await transfer(tabs[0], tabs[1], 2)
  await transfer(tabs[1], tabs[0], 2)
  expect((await look(tabs[0])).path).toBe('direct')
})

test('after the server was replaced, the proxied path is there again, and carries what the direct one drops', async () => {
  const { tabs, server } = await tabsOf.meet()
  const next = await startServer()
  for (const tab of tabs) await tab.evaluate(`moveTo('${next.url}')`)
  await server.destroy()
  await expect
    .poll(async () => (await Promise.all(tabs.map(look))).every(({ direct }) => direct.regained === 1))
    .toBe(true)
  await tabs[0].evaluate('blackHole()')
  await transfer(tabs[0], tabs[1], 1)
  await whenDirect(tabs, 2)
  const { paths, errors } = await look(tabs[0])
  expect({ paths, errors }).toEqual({ paths: ['direct', 'proxied', 'direct'], errors: [] })
})

test('four swarms in each of two tabs share one peer connection, until the last of them is gone', async () => {
  const { tabs, url } = await tabsOf.meet()
  const topics = Array.from({ length: 3 }, () => randomBytes(32).toString('hex'))
  // Not only once there is one.
  for (const topic of topics) for (const tab of tabs) await tab.evaluate(`joinAlso('${url}', '${topic}')`)
  const further = () => Promise.all(tabs.map((tab) => tab.evaluate<Further[]>('lookFurther()')))
  const counts = () => Promise.all(tabs.map((tab) => tab.evaluate<number>('openPeerConnections()')))
  await expect.poll(async () => (await further()).flat().filter(({ path }) => path === 'direct').length).toBe(6)
  expect(await counts()).toEqual([1, 1])
  await tabs[0].evaluate('sendFurther(300000)')
  await transfer(tabs[1], tabs[0], 5)
  await expect.poll(async () => (await further())[1]?.map(({ bytes }) => bytes)).toEqual([300_000, 300_000, 300_000])
  // One channel less, then the whole peer connection.
  await tabs[0].evaluate('leaveFurther()')
  await expect.poll(async () => (await further())[1]?.[0]?.isOpen).toBe(false)
  await transfer(tabs[0], tabs[1], 1)
  expect([(await look(tabs[0])).path, await counts()]).toEqual(['direct', [1, 1]])
  await tabs[1].evaluate('breakDirect()')
  await whenDirect(tabs, 2)
  await expect.poll(async () => (await further())[0]?.map(({ path }) => path)).toEqual(['direct', 'direct'])
  expect(await counts()).toEqual([1, 1])
})

test('tabs of which one was reloaded in the middle of a transfer are all connected directly again', async () => {
  const { url } = await startServer()
  const topic = randomBytes(32).toString('hex')
  const tabs = await tabsOf.open([url], Array(5).fill({}), topic)
  await whenMesh(tabs)
  const [reloaded] = tabs as [Page]
  for (let i = 0; i < 2; i++) {
    await reloaded.evaluate('void send(20)')
    await reload(reloaded, url, topic)
    await whenMesh(tabs)
  }
}, 900_000)

test.each<[string, (page: Page) => Promise<unknown>]>([
  ['closed', (page) => page.close({ runBeforeUnload: true })],
  ['left for another page', (page) => page.goto('about:blank')]
])('a tab that is %s says so on the direct path', async (_, leave) => {
  const { tabs, server } = await tabsOf.meet()
  await server.destroy()
  await leave(tabs[0])
  await expect.poll(async () => (await look(tabs[1])).isOpen).toBe(false)
  // Silence would have been PATH_STALLED.
  expect((await look(tabs[1])).errors.join()).toContain('CONNECTION_CLOSED')
})
