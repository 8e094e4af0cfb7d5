/** `npm run docs:pictures`: takes the picture of the status page, of a fleet that runs for two minutes in this process. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { brokerPresence, MemoryBroker, ProxyServer } from '@swarmway/proxy-server'
import { listenStatus } from '@swarmway/proxy-server/status'
import { listen } from '@swarmway/proxy-server/websocket'
import { launchChromium } from '../../../test/support/chromium.ts'
import { ROOT } from '../root.ts'

const PICTURE = join(ROOT, 'docs/images/status-page.png')
const RUN_MS = 120_000
const WELL_MS = 600_000
/** Clients of each server. The page of the first is shown. */
const CROWDS = { 'eu-1': 20, 'eu-2': 9, 'us-1': 4 }
const TOPICS = Array.from({ length: 6 }, () => randomBytes(32))
/** What a client sends to each peer, and how often. */
const [CHUNK_BYTES, MAX_PAUSE_MS] = [8000, 2000]

const broker = new MemoryBroker()
const [shown, ...others] = await Promise.all(Object.keys(CROWDS).map(startServer))
if (shown === undefined) throw new Error('there is a first server')
const status = await listenStatus(shown.server, { intervalMs: 1000, historyMs: RUN_MS })
for (const { count, url } of [shown, ...others])
  for (let i = 0; i < count; i++) await startClient(url, TOPICS[i % TOPICS.length] as Uint8Array)
await setTimeout(RUN_MS)
await takePicture(status.url)
process.exit()

async function startServer(name: string) {
  const fleet = { name, linkHost: '127.0.0.1', presence: brokerPresence(broker.client()) }
  const server = new ProxyServer({ dht: null, fleet, limits: { maxClients: 100 } })
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  await listen(server, { server: http })
  const { port } = http.address() as AddressInfo
  return { server, url: `ws://127.0.0.1:${port}`, count: CROWDS[name as keyof typeof CROWDS] }
}

/** A client that talks to everybody on its topic. */
async function startClient(url: string, topic: Uint8Array): Promise<void> {
  const client = new ProxyClient({ connect: websocket(url) })
  client.on('connection', async (connection) => {
    connection.on('error', () => {}).resume()
    while (!connection.destroyed) {
      connection.write(randomBytes(CHUNK_BYTES))
      await setTimeout(Math.random() * MAX_PAUSE_MS)
    }
  })
  await client.join(topic).flushed()
}

async function takePicture(url: string): Promise<void> {
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  // The machine's name is nobody's business.
  await page.route('**/status.json*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), host: 'eu-1.example.org' } })
  })
  await page.goto(url)
  // On a machine that is busy with other things, the page says so.
  await page.getByText('All well').waitFor({ timeout: WELL_MS })
  await setTimeout(2000)
  await page.screenshot({ path: PICTURE, fullPage: true })
  await browser.close()
}
