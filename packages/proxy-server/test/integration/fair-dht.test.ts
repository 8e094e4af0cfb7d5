import { createSocket } from 'node:dgram'
import { bytesBody, type NetworkAddress, SERVER_REQUEST, signatureBody } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyServer, ProxyServerOptions } from '../../src/index.js'
import { DEFAULT_SERVER_LIMITS } from '../../src/limits.js'
import { serverSource } from '../../src/status/figures/server-source.js'
import { makeServer } from '../support/servers.js'
import { codeOf, TestClient, type TestClientOptions, topicOf } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

const SESSIONS = 30

/** Where the hostile sessions come from: all or one from the honest client's address, or each from its own. */
const crowds = [
  ['30 sessions of its own address', () => HOST],
  ['30 sessions of 30 addresses', (i: number) => `192.0.2.${i}`],
  ['30 sessions of 30 addresses, its own among them,', (i: number) => (i === 0 ? HOST : `192.0.2.${i}`)]
] as const

const never = () => new Promise<never>(() => {})
const fresh = () => createKeyPair().publicKey

async function create(options: ProxyServerOptions = {}) {
  const net = await testnet()
  return { net, server: makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true, ...options }) }
}

function connectAll(server: ProxyServer, addressOf: (i: number) => string, options: TestClientOptions) {
  const connect = (_: unknown, i: number) => TestClient.connect(server, { ...options, remoteAddress: addressOf(i) })
  return Promise.all(Array.from({ length: SESSIONS }, connect))
}

/** Does something over and over until the test ends. Returns how often it has ended. */
function repeat(task: () => Promise<unknown>): () => number {
  let [count, isOver] = [0, false]
  onTestFinished(() => {
    isOver = true
  })
  const run = async () => {
    while (!isOver) {
      await codeOf(task())
      count++
    }
  }
  void run()
  return () => count
}

/** Addresses that take packets and never answer. */
async function silentAddresses(count: number) {
  let packets = 0
  const addresses: NetworkAddress[] = []
  for (let i = 0; i < count; i++) {
    const socket = createSocket('udp4').on('message', () => packets++)
    await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
    onTestFinished(() => new Promise<void>((resolve) => void socket.close(resolve)))
    addresses.push({ host: HOST, port: socket.address().port })
  }
  return { addresses, packets: () => packets }
}

test.each(crowds)('a client joins while %s never sign what they announce', async (_, addressOf) => {
  // Each of eight places was held for three seconds by an announcement whose client was silent: a join took a minute.
  // Time stands still, so that no request is given up, however long the machine takes.
  const clock = new FakeClock()
  const { server } = await create({ clock })
  const silent = (op: number) => (op === SERVER_REQUEST.SIGN ? never() : undefined)
  const crowd = await connectAll(server, addressOf, { onRequest: silent })
  let givenUpCount = 0
  for (const client of crowd) {
    const giveUp = () => givenUpCount++
    for (let i = 0; i < 4; i++) {
      const keyPair = i === 0 ? client.keyPair : createKeyPair()
      void client.listen(keyPair).then(giveUp, giveUp)
    }
    for (let i = 0; i < 4; i++) void client.announce(fresh()).then(giveUp, giveUp)
  }
  await until(() => crowd.every(({ asked }) => asked.length > 0))
  const honest = await TestClient.connect(server, { remoteAddress: HOST })
  expect(await codeOf(honest.listen())).toBe('none')
  expect(await codeOf(honest.announce(topicOf(1)))).toBe('none')
  expect(givenUpCount, 'requests of theirs that ended before').toBe(0)
  await clock.advance(30_000)
  await until(() => server.stats.queriesWaiting === 0 && server.stats.queriesRunning === 0)
})

test('a client joins while 30 sessions never sign what they withdraw', async () => {
  const { server } = await create({ clock: new FakeClock() })
  let isSilent = false
  const silent = (op: number) => (isSilent && op === SERVER_REQUEST.SIGN ? never() : undefined)
  const crowd = await connectAll(server, (i) => `192.0.2.${i}`, { onRequest: silent })
  const topics = [topicOf(5), topicOf(6)]
  await Promise.all(crowd.map((client) => client.listen()))
  await Promise.all(crowd.flatMap((client) => topics.map((topic) => client.announce(topic))))
  isSilent = true
  let ended = 0
  for (const client of crowd)
    for (const topic of topics)
      void client
        .unannounce(topic)
        .then(() => ended++)
        .catch(() => ended++)
  await until('all to wait for signatures', () => server.stats.queriesRunning + server.stats.queriesWaiting === 0)
  const honest = await TestClient.connect(server, { remoteAddress: HOST })
  expect(await codeOf(honest.listen())).toBe('none')
  expect(await codeOf(honest.announce(topicOf(1)))).toBe('none')
  // Of a topic that no node holds, nothing has to be signed.
  expect(ended, 'withdrawals that ended before').toBeLessThan(crowd.length)
})

test.each(crowds)(
  'few queries run before those of a client that joins while %s storm the DHT',
  async (_, addressOf) => {
    const { server } = await create()
    const crowd = await connectAll(server, addressOf, {})
    for (const client of crowd) {
      for (let i = 0; i < 16; i++) repeat(() => client.lookup(fresh()))
      for (let i = 0; i < 8; i++) repeat(() => client.unannounce(fresh()))
    }
    await until('a backlog', () => server.stats.lookupsMade > 300 && server.stats.queriesWaiting > 300)
    const honest = await TestClient.connect(server, { remoteAddress: HOST })
    const before = server.stats.lookupsMade
    expect(await codeOf(honest.listen())).toBe('none')
    expect(await codeOf(honest.announce(topicOf(1)))).toBe('none')
    expect(server.stats.lookupsMade - before, 'other lookups that ran meanwhile').toBeLessThan(150)
  }
)

test.each(crowds)('a client dials while %s dial addresses that never answer', async (_, addressOf) => {
  // 64 such dials filled the DHT node's window of requests, and nothing else got through.
  const { net, server } = await create()
  const silent = await silentAddresses(8)
  const answer = (op: number) => (op === SERVER_REQUEST.DIAL_SEND ? bytesBody.encode(new Uint8Array(96)) : undefined)
  const crowd = await connectAll(server, addressOf, { onRequest: answer })
  for (const client of crowd) for (let i = 0; i < 64; i++) void codeOf(client.dial(fresh(), silent.addresses))
  await until('a backlog', () => silent.packets() > 100 && server.stats.dialRequestsWaiting > 1000)
  expect(server.stats.dialRequestsRunning).toBeLessThanOrEqual(24)
  const source = serverSource({ dht: null, limits: DEFAULT_SERVER_LIMITS, stats: server.stats })
  onTestFinished(() => source.destroy())
  expect(source.snapshot().dhtWaiting).toBeGreaterThan(1000)
  const keyPair = createKeyPair()
  await net
    .node()
    .createServer((stream) => stream.on('error', () => {}))
    .listen(keyPair)
  const honest = await TestClient.connect(server, { remoteAddress: HOST })
  const before = silent.packets()
  await honest.dial(keyPair.publicKey)
  expect(silent.packets() - before, 'packets that went to silent addresses meanwhile').toBeLessThan(500)
  expect(await codeOf(honest.lookup(topicOf(2)))).toBe('none')
})

test('a client that is silent in the handshake of its dial takes nobody’s turn', async () => {
  const { net, server } = await create()
  const silent = await TestClient.connect(server, { onRequest: never })
  const { addresses } = await silentAddresses(1)
  for (let i = 0; i < 64; i++) void codeOf(silent.dial(fresh(), addresses))
  await until(() => silent.asked.length > 0)
  await until(() => server.stats.queriesRunning + server.stats.queriesWaiting === 0)
  expect(server.stats).toMatchObject({ dialRequestsRunning: 0, dialRequestsWaiting: 0 })
  const keyPair = createKeyPair()
  await net
    .node()
    .createServer((stream) => stream.on('error', () => {}))
    .listen(keyPair)
  const honest = await TestClient.connect(server)
  await honest.dial(keyPair.publicKey)
  expect(server.stats.dhtConnections).toBe(1)
})

test('maxDialRequests bounds the requests of dials, and cancelled dials leave nothing behind', async () => {
  const net = await testnet()
  const limits = { maxDialRequests: 2 }
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true, limits })
  const { addresses } = await silentAddresses(2)
  const client = await TestClient.connect(server)
  const dials = Array.from({ length: 8 }, () => codeOf(client.dial(fresh(), addresses)))
  await until(() => server.stats.dialRequestsWaiting > 0)
  expect(server.stats.dialRequestsRunning).toBe(2)
  client.session.destroy()
  await Promise.all(dials)
  for (const session of server.clients) session.destroy()
  await until(() => server.stats.dialRequestsRunning + server.stats.dialRequestsWaiting === 0)
  await until(() => server.stats.queriesRunning + server.stats.queriesWaiting === 0)
})

test('a wrong signature is not sent to any node', async () => {
  // A node does not answer it, so that each was sent four times.
  const { server } = await create()
  const wrong = (op: number) => (op === SERVER_REQUEST.SIGN ? signatureBody.encode(new Uint8Array(64)) : undefined)
  const client = await TestClient.connect(server, { onRequest: wrong })
  await client.listen()
  expect(await codeOf(client.announce(topicOf(3)))).toBe('AUTH_DENIED')
})
