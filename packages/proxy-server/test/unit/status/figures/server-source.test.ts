import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../../runtime/test/support/until.js'
import type { ProxyServer, ProxyServerOptions } from '../../../../src/index.js'
import { BusiestClients } from '../../../../src/status/figures/busiest.js'
import { type ClientFigures, combineSnapshots, serverSource } from '../../../../src/status/index.js'
import { makeServer, rendezvousServer } from '../../../support/servers.js'
import { figures } from '../../../support/status/figures.js'
import { codeOf, TestClient, topicOf } from '../../../support/test-client.js'
import { HOST, testnet } from '../../../support/testnet.js'

function sourceOf(server: ProxyServer) {
  const source = serverSource(server)
  onTestFinished(() => source.destroy())
  return source
}

async function crowded(options: ProxyServerOptions = {}) {
  const server = rendezvousServer(options)
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  await b.announce(topicOf(1))
  return { server, source: sourceOf(server), a, b }
}

test('the figures come from the server', async () => {
  const { a, b, source } = await crowded({ limits: { maxClients: 7, maxBufferedBytes: 12_345 } })
  const stream = await a.dial(b.keyPair.publicKey)
  stream.write(new Uint8Array(50_000))
  await until(() => source.snapshot().bytesIn > 50_000)
  expect(source.snapshot()).toMatchObject({
    processes: 1,
    clients: 2,
    maxClients: 7,
    attached: 2,
    topics: 1,
    nativeStreams: 0,
    splicedStreams: 1,
    maxBufferedBytes: 12_345,
    refusals: {},
    resets: {},
    dht: { nodes: 0, online: 0, firewalled: 0 },
    dhtWaiting: 0
  })
  b.cut()
  await until(() => source.snapshot().attached === 1)
  expect(source.snapshot().clients).toBe(2)
})

test('the busiest clients come first, if they are asked for', async () => {
  const { a, b, server } = await crowded()
  const [source, other] = [serverSource(server, { clients: true }), serverSource(server, { clients: true })]
  onTestFinished(() => {
    for (const one of [source, other]) one.destroy()
  })
  const stream = await a.dial(b.keyPair.publicKey)
  source.snapshot()
  stream.write(new Uint8Array(50_000))
  await until(() => other.snapshot().bytesIn > 50_000)
  const { busiest } = source.snapshot()
  expect(busiest.length).toBeGreaterThan(0)
  expect(busiest[0]).toMatchObject({ address: null, streams: 1 })
  expect(busiest[0]?.bytes).toBeGreaterThan(50_000)
  expect(source.snapshot().busiest).toEqual([])
})

test('of several processes, the busiest of all are listed; idle clients are not', () => {
  const client = (bytes: number, remoteAddress: string) => {
    return { remoteAddress, userAgent: '', stats: { bytesIn: bytes, bytesOut: 0, topics: 1, watches: 2, streams: 4 } }
  }
  const shown = new BusiestClients().read(new Set([client(1, '192.0.2.1'), client(9, '192.0.2.2'), client(0, 'idle')]))
  const unknown = { pid: process.pid, roundTripMs: null }
  expect(shown).toEqual([
    { number: 2, address: '192.0.2.2', userAgent: '', bytes: 9, topics: 3, streams: 4, ...unknown },
    { number: 1, address: '192.0.2.1', userAgent: '', bytes: 1, topics: 3, streams: 4, ...unknown }
  ])
  const many = Array.from({ length: 20 }, (_, i) => ({ ...shown[0], number: i, bytes: i }) as ClientFigures)
  const both = combineSnapshots([figures({ busiest: many.slice(0, 10) }), figures({ busiest: many.slice(10) })])
  expect(both.busiest.map(({ bytes }) => bytes)).toEqual([19, 18, 17, 16, 15, 14, 13, 12])
})

test('with too many clients, none is looked at', () => {
  const client = {
    remoteAddress: null,
    userAgent: '',
    stats: { bytesIn: 1, bytesOut: 0, topics: 0, watches: 0, streams: 0 }
  }
  const crowd = new Set(Array.from({ length: 5001 }, () => ({ ...client })))
  expect(new BusiestClients().read(crowd)).toEqual([])
})

test('a refusal by a limit is counted by the limit’s name, others by their code', async () => {
  const { a, server, source } = await crowded({
    limits: { maxClients: 3, maxDials: 0 },
    authenticate: async ({ auth }) => {
      if (auth[0] === 1) throw new ProxyError('LIMIT', 'enough of you')
      return auth[0] !== 2
    }
  })
  expect(await codeOf(TestClient.connect(server, { auth: Uint8Array.of(2) }))).toBe('AUTH_DENIED')
  await codeOf(TestClient.connect(server, { auth: Uint8Array.of(1) }))
  expect(await codeOf(a.dial(topicOf(9)))).toBe('LIMIT')
  await TestClient.connect(server)
  expect(await codeOf(TestClient.connect(server))).toBe('LIMIT')
  expect(source.snapshot().refusals).toEqual({ AUTH_DENIED: 1, maxClients: 1, maxDials: 1, LIMIT: 1 })
})

test('codes that clients made up are not shown', async () => {
  const { a, b, source } = await crowded()
  const stream = await a.dial(b.keyPair.publicKey)
  stream.on('error', () => {})
  stream.destroy(new ProxyError('ALICE_WAS_HERE', 'and here'))
  await until(() => source.snapshot().splicedStreams === 0)
  expect(source.snapshot().resets).toEqual({ OTHER: 2 })
})

test('unless asked for, it contains nothing about individual clients', async () => {
  const { b, source } = await crowded()
  const text = JSON.stringify(source.snapshot())
  expect(text).not.toContain(Buffer.from(b.keyPair.publicKey).toString('hex').slice(0, 8))
  expect(text).not.toMatch(/address|key|user/i)
})

test('the state of the DHT node, and open connections with peers on UDP', async () => {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST })
  const client = await TestClient.connect(server)
  await client.listen()
  const native = net.node().connect(client.keyPair.publicKey)
  native.on('error', () => {})
  const source = sourceOf(server)
  await until(() => source.snapshot().nativeStreams === 1)
  const { firewalled } = server.dht as { firewalled: boolean }
  expect(source.snapshot().dht).toEqual({ nodes: 1, online: 1, firewalled: firewalled ? 1 : 0 })
  Object.assign(server.dht as object, { online: false })
  expect(source.snapshot().dht.online).toBe(0)
  native.destroy()
  await until(() => source.snapshot().nativeStreams === 0)
})

test('a DHT node that never got an answer is not online', async () => {
  // Nodes of other tests ask 127.0.0.1:49737 for peers that have ended, and so would reach it there.
  const host = '127.0.0.11'
  const server = makeServer({ bootstrap: [{ host, port: 9 }], host })
  const source = sourceOf(server)
  expect(source.snapshot().dht).toMatchObject({ nodes: 1, online: 1 })
  await until(() => source.snapshot().dht.online === 0)
  expect((server.dht as { online: boolean }).online).toBe(true)
})

test('memory, version and start come from the process', () => {
  const snapshot = sourceOf(rendezvousServer()).snapshot()
  expect(snapshot.version).toMatch(/^\d+\.\d+\.\d+/)
  expect(snapshot.rssBytes).toBeGreaterThan(10_000_000)
  expect(snapshot.rssBytes).toBeLessThan(snapshot.memoryBytes)
  expect(Math.abs(snapshot.startedAt + process.uptime() * 1000 - Date.now())).toBeLessThan(5000)
})

test('a blocked event loop shows in the next snapshot, and not in the one after', async () => {
  const source = sourceOf(rendezvousServer())
  const turn = () => new Promise((resolve) => setTimeout(resolve, 60))
  await turn()
  const until300 = performance.now() + 300
  while (performance.now() < until300);
  await turn()
  expect(source.snapshot().loopDelayMs).toBeGreaterThan(150)
  expect(source.snapshot().loopDelayMs).toBe(0)
})
