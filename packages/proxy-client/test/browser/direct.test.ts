/** Tabs that move their connections to direct paths. */
import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import { Swarm } from '@swarmway/swarm'
import * as rtc from 'node-datachannel/polyfill'
import type { Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { StunResponder } from '../../../proxy-server/src/index.js'
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
  direct: { attempts: number; opened: number; lost: number; regained: number; refused: number; failed: number }
  isConnected: boolean
}

/** What a tab says about one of its further connections. */
interface Further {
  isOpen: boolean
  path: string
  bytes: number
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
  // Attempts may fail on a busy machine.
  expect({ direct, errors }).toMatchObject({ direct: { refused: 0 }, errors: [] })
  await transfer(tabs[0], tabs[1], 5)
  await transfer(tabs[1], tabs[0], 5)
  expect(server.stats.attached).toBe(2)
})

test('five changes of path in a transfer of 200 MB lose, repeat and reorder nothing', async () => {
  const { tabs } = await meetDirectly()
  let sentMegabytes = 0
  // Until there were five changes, so that a fast machine does not get by with fewer.
  for (let i = 0; sentMegabytes < 200 || (await look(tabs[0])).paths.length < 6; i++) {
    let isMoved = false
    const moved = transfer(tabs[0], tabs[1], 25).then(() => {
      isMoved = true
    })
    const hasBegun = async () => isMoved || (await look(tabs[1])).bytes > 6_000_000
    await expect.poll(hasBegun).toBe(true)
    await tabs[i % 2]?.evaluate('breakDirect()')
    await moved
    sentMegabytes += 25
  }
  const { paths, errors } = await look(tabs[0])
  console.log(`${sentMegabytes} MB: ${paths.join(', ')}`)
  expect(errors).toEqual([])
  // Minutes where the machine is busy with other things.
}, 900_000)

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

test('after the server was replaced, the proxied path is there again, and carries what the direct one drops', async () => {
  const { tabs, server } = await meetDirectly()
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

test('tabs that use different servers move to a direct path', async () => {
  const lab = await createLab(2)
  onTestFinished(() => lab.destroy())
  const tabs = await openTabs(lab.urls, [{}, {}])
  await whenDirect(tabs, 1)
  await transfer(tabs[0], tabs[1], 2)
  await transfer(tabs[1], tabs[0], 2)
})

test('four swarms in each of two tabs share one peer connection, until the last of them is gone', async () => {
  const { tabs, url } = await meetDirectly()
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

test('a tab asks the STUN port that its server names, and gets answers', async () => {
  const responder = await StunResponder.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => responder.close())
  const { url } = await startServer({ stunPort: responder.port })
  const tabs = await openTabs([url], [{}, {}])
  await whenDirect(tabs, 1)
  await until('answers', () => responder.answered > 0)
  expect(responder.ignored).toBe(0)
})

test('twenty tabs are all connected directly with each other', async () => {
  const { url } = await startServer()
  const tabs = await openTabs([url], Array(20).fill({}))
  await whenMesh(tabs)
}, 300_000)

test('tabs of which one was reloaded in the middle of a transfer are all connected directly again', async () => {
  const { url } = await startServer()
  const topic = randomBytes(32).toString('hex')
  const tabs = await openTabs([url], Array(5).fill({}), topic)
  await whenMesh(tabs)
  const [reloaded] = tabs as [Page]
  for (let i = 0; i < 2; i++) {
    await reloaded.evaluate('void send(20)')
    await reloaded.reload()
    await reloaded.addScriptTag({ type: 'module', url: '/app.js' })
    await reloaded.evaluate(`join('${url}', '${topic}')`)
    await whenMesh(tabs)
  }
}, 900_000)

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
  const tabs = await openTabs([url], [{ direct: false }, {}])
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
  expect(await page.evaluate('receivedHash()')).toBe(chainedHash(data))
})

/** As the page makes it. */
function chainedHash(data: Uint8Array): string {
  let hash = Buffer.alloc(32)
  for (let at = 0; at <= data.byteLength; at += 1_000_000)
    hash = createHash('sha256')
      .update(hash)
      .update(data.subarray(at, at + 1_000_000))
      .digest()
  return hash.toString('hex')
}

/** Two tabs on a direct path, and the server through which they met. */
async function meetDirectly() {
  const { server, url } = await startServer()
  const tabs = await openTabs([url], [{}, {}])
  await whenDirect(tabs, 1)
  return { server, tabs, url }
}

/** A tab with each of these options, on one topic. They take the servers in turn. */
async function openTabs<Options extends object[]>(
  urls: readonly string[],
  options: [...Options],
  topic = randomBytes(32).toString('hex')
) {
  const tabs: Page[] = []
  for (const own of options) {
    const { page } = await openPage(browser(), bundle)
    await page.evaluate(`join('${urls[tabs.length % urls.length]}', '${topic}', ${JSON.stringify(own)})`)
    tabs.push(page)
  }
  return tabs as { [Index in keyof Options]: Page }
}

/** Resolves when each tab has a direct path to each other one, and no further connection. */
async function whenMesh(tabs: readonly Page[]): Promise<void> {
  const isMesh = async () => {
    const all = await Promise.all(tabs.map((tab) => tab.evaluate<string[]>('allPaths()')))
    return all.every((paths) => paths.length === tabs.length - 1 && paths.every((path) => path === 'direct'))
  }
  await expect.poll(isMesh, { timeout: 240_000 }).toBe(true)
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
