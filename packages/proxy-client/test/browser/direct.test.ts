/** Tabs that move their connections to direct paths. */
import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import { Swarm } from '@swarmway/swarm'
import * as rtc from 'node-datachannel/polyfill'
import type { Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { until } from '../../../runtime/test/support/until.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { openPage } from './support/chromium.js'
import { createLab } from './support/lab.js'
import { startServer } from './support/server.js'

/** What a tab says about its connection. */
interface State {
  isOpen: boolean
  path: string | null
  bytes: number
  directMs: number
  errors: string[]
  paths: string[]
  direct: { attempts: number; opened: number; lost: number; refused: number; failed: number }
  isConnected: boolean
}

// Tabs of one machine reach each other by its own addresses only.
const browser = useChromium({
  args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns']
})
let bundle: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('direct.js'))
})

test('two tabs move to a direct path, over which their data go', async () => {
  const { tabs, server } = await meetDirectly()
  const { direct, directMs, errors } = await look(tabs[0])
  console.log(`direct after ${directMs.toFixed(0)} ms`)
  expect({ direct, errors }).toMatchObject({ direct: { opened: 1, failed: 0, refused: 0 }, errors: [] })
  await transfer(tabs[0], tabs[1], 5)
  await transfer(tabs[1], tabs[0], 5)
  expect(server.stats.attached).toBe(2)
})

test('five forced changes of path in a transfer each way lose, repeat and reorder nothing', async () => {
  const { tabs } = await meetDirectly()
  const transfers = Promise.all([transfer(tabs[0], tabs[1], 40), transfer(tabs[1], tabs[0], 40)])
  let isDone = false
  void transfers.then(() => {
    isDone = true
  })
  for (let i = 0; i < 3; i++) {
    await tabs[i % 2]?.evaluate('breakDirect()')
    if (!isDone) await whenDirect(tabs, i + 1)
  }
  await transfers
  const { paths, errors } = await look(tabs[0])
  expect(errors).toEqual([])
  expect(paths.filter((path) => path === 'proxied').length).toBeGreaterThanOrEqual(1)
})

test('a direct path that loses everything is given up, and the data take the proxy', async () => {
  const { tabs } = await meetDirectly()
  await tabs[0].evaluate('blackHole()')
  const startMs = performance.now()
  await transfer(tabs[0], tabs[1], 1)
  console.log(`given up and sent again after ${(performance.now() - startMs).toFixed(0)} ms`)
  expect((await look(tabs[0])).paths.slice(0, 2)).toEqual(['direct', 'proxied'])
})

test('the proxy server stops while tabs are on a direct path: their connection lives on', async () => {
  const { tabs, server } = await meetDirectly()
  await server.destroy()
  await until('the links are gone', () => server.stats.attached === 0)
  await transfer(tabs[0], tabs[1], 2)
  await transfer(tabs[1], tabs[0], 2)
  expect((await look(tabs[0])).path).toBe('direct')
})

test.each<[string, (page: Page) => Promise<unknown>]>([
  ['closed', (page) => page.close({ runBeforeUnload: true })],
  ['left for another page', (page) => page.goto('about:blank')]
])('a tab that is %s says so on the direct path', async (_, leave) => {
  const { tabs, server } = await meetDirectly()
  await server.destroy()
  await leave(tabs[0])
  await expect.poll(async () => (await look(tabs[1])).isOpen).toBe(false)
  // Silence would have been PATH_STALLED.
  expect((await look(tabs[1])).errors.join()).toContain('CONNECTION_CLOSED')
})

test('a tab without direct paths stays proxied', async () => {
  const { url } = await startServer()
  const tabs = await openTabs(url, [{ direct: false }, {}])
  await expect.poll(async () => (await Promise.all(tabs.map(look))).every(({ isOpen }) => isOpen)).toBe(true)
  await transfer(tabs[0], tabs[1], 1)
  expect(await tabs[1].evaluate('peerConnections.length')).toBe(0)
})

test('a tab and a native peer move to a direct path', async () => {
  const lab = await createLab(1)
  onTestFinished(() => lab.destroy())
  const swarm = new Swarm({ dht: lab.testnet.createNode(), direct: { rtc, localAddresses: true } })
  onTestFinished(() => swarm.destroy())
  const topic = randomBytes(32)
  await swarm.join(topic, { client: false }).flushed()
  const connected = new Promise<Connection>((resolve) => swarm.once('connection', resolve))
  const { page } = await openPage(browser(), bundle)
  await page.evaluate(`join('${lab.urls[0]}', '${topic.toString('hex')}')`)
  const connection = await connected
  await expect.poll(async () => [connection.path, (await look(page)).path]).toEqual(['direct', 'direct'])
  const data = randomBytes(3_000_000)
  connection.write(data)
  await expect.poll(async () => (await look(page)).bytes).toBe(data.byteLength)
  expect(await page.evaluate('receivedHash()')).toBe(createHash('sha256').update(data).digest('hex'))
})

/** Two tabs on a direct path, and the server through which they met. */
async function meetDirectly() {
  const { server, url } = await startServer()
  const tabs = await openTabs(url, [{}, {}])
  await whenDirect(tabs, 1)
  return { server, tabs }
}

async function openTabs(url: string, options: [object, object]): Promise<[Page, Page]> {
  const topic = randomBytes(32).toString('hex')
  const open = async (own: object) => {
    const { page } = await openPage(browser(), bundle)
    await page.evaluate(`join('${url}', '${topic}', ${JSON.stringify(own)})`)
    return page
  }
  return [await open(options[0]), await open(options[1])]
}

/** Resolves when both are on a direct path, at least their `count`th. */
async function whenDirect(tabs: readonly Page[], count: number): Promise<void> {
  const isThere = ({ direct, path }: State) => path === 'direct' && direct.opened >= count
  await expect.poll(async () => (await Promise.all(tabs.map(look))).every(isThere)).toBe(true)
}

function look(tab: Page): Promise<State> {
  return tab.evaluate('look()')
}

async function transfer(from: Page, to: Page, megabytes: number): Promise<void> {
  const sent = await from.evaluate(`send(${megabytes})`)
  await expect.poll(async () => (await look(to)).bytes).toBe(megabytes * 1_000_000)
  expect(await to.evaluate('receivedHash()')).toBe(sent)
}
