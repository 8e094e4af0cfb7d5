import { createRequire } from 'node:module'
import { SERVER_REQUEST } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { makeServer, rendezvousServer } from '../support/servers.js'
import { codeOf, hex, TestClient, topicOf } from '../support/test-client.js'

const require = createRequire(import.meta.url)
const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<{ bootstrap: { host: string; port: number }[]; destroy(): Promise<void> }>

test('a crowd on a DHT meets at once through the rendezvous while its announcements are queued', async () => {
  // More nodes than a query's twenty, so that each announcement needs as many signatures as in production.
  const net = await createTestnet(24, { host: '127.0.0.1' })
  onTestFinished(() => net.destroy())
  const server = makeServer({ bootstrap: net.bootstrap, host: '127.0.0.1' })
  const clients = await Promise.all(Array.from({ length: 60 }, () => TestClient.connect(server)))
  await Promise.all(clients.map((client) => client.listen()))
  const topic = topicOf(1)
  for (const client of clients) client.watch(topic)
  const started = performance.now()
  const since = () => Math.round(performance.now() - started)
  const announced = Promise.all(clients.map((client) => client.announce(topic)))
  const known = (client: TestClient) => {
    const found = [...client.found.values()].flat()
    return new Set([...found, ...client.pushed].map(({ publicKey }) => hex(publicKey))).size
  }
  await until(() => clients.every((client) => known(client) === 59))
  const metAfterMs = since()
  expect(server.stats.queriesWaiting).toBeGreaterThan(0)
  await announced
  console.info(`60 clients met after ${metAfterMs} ms, were announced after ${since()} ms`)
  expect(server.stats.announces).toBe(60)
  // No query reported a peer twice, or reported a client to itself.
  for (const client of clients) {
    const found = [...client.found.values()].flat().map(({ publicKey }) => hex(publicKey))
    expect(new Set(found).size).toBe(found.length)
    expect(found).not.toContain(hex(client.keyPair.publicKey))
  }
})

test('a crowd that does not listen yet also meets at once: no LISTEN waits for a long queue', async () => {
  const net = await createTestnet(24, { host: '127.0.0.1' })
  onTestFinished(() => net.destroy())
  const server = makeServer({ bootstrap: net.bootstrap, host: '127.0.0.1', limits: { maxDhtQueries: 2 } })
  const clients = await Promise.all(Array.from({ length: 100 }, () => TestClient.connect(server)))
  const topic = topicOf(2)
  for (const client of clients) client.watch(topic)
  const started = performance.now()
  for (const client of clients) void client.listen().then(() => client.announce(topic).catch(() => {}))
  const known = (client: TestClient) => [...client.found.values()].flat().length + client.pushed.length
  await until(() => clients.every((client) => known(client) >= 99))
  console.info(`100 clients met after ${Math.round(performance.now() - started)} ms`)
  expect(server.stats.queriesWaiting).toBeGreaterThan(50)
})

test('clients that do not sign do not delay others for long', async () => {
  const net = await createTestnet(8, { host: '127.0.0.1' })
  onTestFinished(() => net.destroy())
  // Time stands still, so that no request is given up, however long the machine takes.
  const clock = new FakeClock()
  const server = makeServer({ bootstrap: net.bootstrap, host: '127.0.0.1', limits: { maxDhtQueries: 2 }, clock })
  const mute = await TestClient.connect(server, {
    onRequest: (op) => (op === SERVER_REQUEST.SIGN ? new Promise(() => {}) : undefined)
  })
  let givenUpCount = 0
  const giveUp = () => givenUpCount++
  for (let i = 0; i < 4; i++) void mute.listen().then(giveUp, giveUp)
  for (let i = 0; i < 20; i++) void mute.announce(topicOf(i)).then(giveUp, giveUp)
  await until(() => mute.asked.length > 0)
  const honest = await TestClient.connect(server)
  expect(await codeOf(honest.lookup(topicOf(99)))).toBe('none')
  expect(givenUpCount, 'requests of theirs that were given up before').toBe(0)
})

test('localPeersPerSecond paces the queries of a client for a crowded topic, and of no other', async () => {
  // A lookup of 50 bytes found and encoded 512 peers: 1,000 a second from one client took all of the server's time.
  const clock = new FakeClock()
  const server = rendezvousServer({ clock, limits: { localPeersPerSecond: 4, pingIntervalMs: 600_000 } })
  const topic = topicOf(9)
  for (const _ of [1, 2, 3, 4, 5]) {
    const client = await TestClient.connect(server)
    await client.listen()
    await client.announce(topic)
  }
  const [greedy, other] = [await TestClient.connect(server), await TestClient.connect(server)]
  let answered = 0
  for (let i = 0; i < 8; i++) void greedy.lookup(topic).then(() => answered++)
  await until('the burst', () => answered === 4)
  expect(await other.lookup(topic)).toHaveLength(5)
  expect(answered).toBe(4)
  await clock.advance(1250)
  await until('one more', () => answered === 5)
  await clock.advance(3 * 1250)
  await until('all', () => answered === 8)
  expect(server.stats.limitHits).toEqual({ localPeersPerSecond: 4 })
})
