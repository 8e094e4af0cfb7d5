/** One swarm for all tabs of an origin, as docs/getting-started-browser.md shows it, and two tabs without it. */
import { fileURLToPath } from 'node:url'
import { topicFrom } from '@swarmway/swarm/core'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { PATIENCE_MS } from '../../../../test/support/chromium.js'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { until } from '../../../runtime/test/support/until.js'
import { ProxyClient } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { openPage } from './support/chromium.js'
import { startServer } from './support/server.js'
import { serve } from './support/site.js'

const WORKER = fileURLToPath(new URL('../../../../docs/getting-started/swarm-worker.js', import.meta.url))
const browser = useChromium()
let worker: Bundle
let app: Bundle
beforeAll(async () => {
  buildPackages()
  worker = await bundleWithEsbuild(WORKER)
  app = await bundleWithEsbuild(fixture('app.js'))
})

/** A peer in Node that collects what it is told. */
async function startPeer() {
  const { server, url } = await startServer()
  const peer = new ProxyClient({ connect: websocket(url) })
  onTestFinished(() => peer.destroy())
  const heard: string[] = []
  peer.on('connection', (connection) => {
    connection.on('error', () => {})
    connection.on('data', (data) => heard.push(data.toString()))
  })
  await peer.join(topicFrom('my very first swarm')).flushed()
  return { server, url, peer, heard }
}

async function openContext(): Promise<{ context: BrowserContext; url: string }> {
  const site = await serve(worker)
  const context = await browser().newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  onTestFinished(() => context.close().then(() => site.close()))
  return { context, url: site.url }
}

async function openTab(context: BrowserContext, site: string, server: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site)
  await page.evaluate(openSwarm, server)
  return page
}

test('tabs with a SharedWorker are one client with one connection, whichever of them is closed', async () => {
  const { heard, peer, server, url } = await startPeer()
  const { context, url: site } = await openContext()
  const first = await openTab(context, site, url)
  const second = await openTab(context, site, url)
  for (const tab of [first, second]) await tab.waitForFunction(() => Reflect.get(globalThis, 'peers') === 1)
  expect([server.clients.size, peer.connections.size]).toEqual([2, 1])
  await second.evaluate(say, 'from the second')
  await until('the peer hears the second', () => heard.includes('from the second'))
  await second.close({ runBeforeUnload: true })
  await first.evaluate(say, 'from the first')
  await until('the peer hears the first', () => heard.includes('from the first'))
  expect([server.clients.size, peer.connections.size]).toEqual([2, 1])
  await first.close({ runBeforeUnload: true })
  await until('the worker has ended with the last tab', () => server.clients.size === 1)
})

test('tabs with one seed and no worker: the newer is reachable, and the older is told and takes nothing back', async () => {
  const { peer, url } = await startPeer()
  const [older, newer] = [(await openPage(browser(), app)).page, (await openPage(browser(), app)).page]
  await older.evaluate(joinWithSeed, url)
  await until('the peer is connected to the older', () => peer.connections.size === 1)
  await newer.evaluate(joinWithSeed, url)
  await newer.waitForFunction(() => Reflect.get(globalThis, 'swarm').connections.size === 1)
  await older.waitForFunction(() => Reflect.get(globalThis, 'codes').includes('KEY_IN_USE'))
  expect(await older.evaluate(() => Reflect.get(globalThis, 'codes')[0])).toBe('KEY_TAKEN')
  expect(await newer.evaluate(() => Reflect.get(globalThis, 'codes'))).toEqual([])
  expect(peer.connections.size).toBe(1)
  await newer.close({ runBeforeUnload: true })
  await older.waitForFunction(() => Reflect.get(globalThis, 'swarm').connections.size === 1)
})

/** Runs in a page. */
function openSwarm(server: string): void {
  const { port } = new (Reflect.get(globalThis, 'SharedWorker'))('/app.js', { type: 'module' })
  port.addEventListener('message', ({ data }: { data: { peers: number } }) => {
    Reflect.set(globalThis, 'peers', data.peers)
  })
  port.start()
  port.postMessage({ type: 'open', server, seed: new Uint8Array(32).fill(7) })
  Reflect.get(globalThis, 'window').addEventListener('pagehide', () => port.postMessage({ type: 'close' }))
  Reflect.set(globalThis, 'port', port)
}

/** Runs in a page. */
function say(text: string): void {
  Reflect.get(globalThis, 'port').postMessage({ type: 'say', text })
}

/** Runs in a page. */
function joinWithSeed(url: string): void {
  const { ProxyClient, topicFrom, websocket } = globalThis as unknown as typeof import('../../src/index.js') &
    typeof import('../../src/transports/websocket.js')
  const swarm = new ProxyClient({ connect: websocket(url), seed: new Uint8Array(32).fill(7) })
  const codes: string[] = []
  swarm.on('key-lost', ({ code }) => codes.push(code))
  swarm.on('dial-error', ({ code }) => codes.push(code))
  swarm.join(topicFrom('my very first swarm'))
  Object.assign(globalThis, { swarm, codes })
}
