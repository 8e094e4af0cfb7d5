/** What a page leaves behind: peers see a closed one go at once, and one that may return keeps its session. */
import { type AddressInfo, createServer } from 'node:net'
import type { ProxyError } from '@swarmway/proxy-protocol'
import type { Connection } from '@swarmway/swarm/core'
import { topicFrom } from '@swarmway/swarm/core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '../../../../test/support/chromium.js'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { ProxyServer, type ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { until } from '../../../runtime/test/support/until.js'
import { ProxyClient } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { openBareTab } from './support/bare-tab.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { openPage } from './support/chromium.js'
import { startServer } from './support/server.js'

const TOPIC = 'leaving'
const browser = useChromium()
let bundle: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('app.js'))
})

describe('the peers of a page see it go at once', () => {
  test.each<[string, (page: Page) => Promise<unknown>]>([
    ['closed', (page) => page.close({ runBeforeUnload: true })],
    ['closed by the browser', (page) => page.close()],
    ['reloaded', (page) => page.reload()],
    ['left for another page', (page) => page.goto('about:blank')]
  ])('when it is %s', async (_, leave) => {
    const { closed, connection, page } = await meet()
    const isOver = new Promise<void>((resolve) => connection.once('close', () => resolve()))
    await leave(page)
    await isOver
    // It said so: without a GOODBYE, the session would have waited for another link and expired.
    expect(closed).toEqual(['DESTROYED: the page was closed'])
  })

  test('2 seconds after its process has crashed', async () => {
    const { closed, connection, page } = await meet()
    const isOver = new Promise<void>((resolve) => connection.once('close', () => resolve()))
    page.goto('chrome://crash').catch(() => {})
    await isOver
    expect(closed).toEqual(['SESSION_EXPIRED: no link for 2000 ms'])
  })
})

describe('a page keeps its session', () => {
  test('when the browser has frozen it and its link has died', async () => {
    const { connection, server, tab } = await meetFrozen()
    await until(() => server.stats.attached === 1)
    await tab.show()
    await until(() => server.stats.sessionsResumed === 1)
    expect(connection.destroyed).toBe(false)
  })

  test('in the back/forward cache, from which it may return', async () => {
    // Playwright switches the cache off.
    const caching = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    onTestFinished(() => caching.close())
    const { closed, connection, page, server } = await meet(caching)
    await page.goto('data:text/html,elsewhere')
    await until(() => server.stats.attached === 1)
    // A page from the cache is not loaded.
    await page.goBack({ waitUntil: 'commit' })
    await until(() => server.stats.sessionsResumed === 1)
    expect(connection.destroyed).toBe(false)
    expect(closed).toEqual([])
  })
})

test('a page connects at once when the browser says that it is online', async () => {
  const port = await freePort()
  const { page } = await openPage(browser(), bundle)
  // Without the event, it would try again in an hour.
  await page.evaluate(waitForLong, `ws://127.0.0.1:${port}`)
  await page.waitForFunction(() => Reflect.get(globalThis, 'retryMs') > 1_000_000)
  const server = new ProxyServer({ dht: null, drainMs: 200 })
  const listener = await listen(server, { host: '127.0.0.1', port })
  onTestFinished(() => server.destroy().then(() => listener.close()))
  await page.context().setOffline(true)
  await page.context().setOffline(false)
  await page.waitForFunction(() => Reflect.get(globalThis, 'swarm').connected)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

/** Runs in a page. */
function waitForLong(url: string): void {
  const { ProxyClient, websocket } = globalThis as unknown as typeof import('../../src/index.js') &
    typeof import('../../src/transports/websocket.js')
  const hour = 3_600_000
  const swarm = new ProxyClient({ connect: websocket(url), reconnectMinMs: hour, reconnectMaxMs: hour })
  swarm.on('disconnected', ({ retryMs }) => Object.assign(globalThis, { retryMs }))
  Object.assign(globalThis, { swarm })
}

/** A peer behind a server, the codes with which the server's sessions end, and the first connection. */
async function startPeer(options: ProxyServerOptions = {}) {
  const { server, url } = await startServer(options)
  const closed: string[] = []
  server.on('client-close', (_, error: ProxyError) => closed.push(`${error.code}: ${error.message}`))
  const peer = new ProxyClient({ connect: websocket(url) })
  onTestFinished(() => peer.destroy())
  const met = new Promise<Connection>((resolve) => peer.once('connection', resolve))
  await peer.join(topicFrom(TOPIC)).flushed()
  return { server, url, closed, met }
}

/** A page that is connected to a peer. */
async function meet(where = browser()) {
  const { met, url, ...peer } = await startPeer()
  const { page } = await openPage(where, bundle)
  await page.evaluate(join, { url, topic: TOPIC })
  return { ...peer, page, connection: quiet(await met) }
}

/** A frozen tab that was connected to a peer, behind a server that soon notices a dead link. */
async function meetFrozen() {
  const { met, url, ...peer } = await startPeer({ limits: { pingIntervalMs: 500, pingMisses: 2 } })
  const tab = await openBareTab(browser(), bundle)
  await tab.evaluate(`(${join})(${JSON.stringify({ url, topic: TOPIC })})`)
  const connection = quiet(await met)
  await tab.hide()
  await tab.freeze()
  return { ...peer, tab, connection }
}

function quiet(connection: Connection): Connection {
  connection.on('error', () => {})
  return connection
}

/** Runs in a page. */
async function join({ topic, url }: { topic: string; url: string }): Promise<void> {
  const { ProxyClient, topicFrom, websocket } = globalThis as unknown as typeof import('../../src/index.js') &
    typeof import('../../src/transports/websocket.js')
  const swarm = new ProxyClient({ connect: websocket(url) })
  const connected = new Promise((resolve) => swarm.once('connection', resolve))
  swarm.join(topicFrom(topic), { server: false })
  await connected
}
