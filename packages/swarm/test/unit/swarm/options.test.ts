import { readFileSync } from 'node:fs'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { createGroup } from '../../../src/groups/group.js'
import { Swarm } from '../../../src/native/swarm.js'
import type { DhtNode } from '../../../src/network/dht-node.js'
import { type CoreOptions, type SwarmOptions, settle } from '../../../src/swarm/options.js'
import { verifyNodeOptions } from '../../../src/swarm/verify-options.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork, type FakeSwarmOptions } from '../../support/fake-swarm.js'

const topic = topicFrom('options')
const NOT_A_FUNCTION = [1, 'x', {}, null]
const NOT_A_COUNT = [-1, 1.5, Number.NaN, '3', null]
const NOT_A_DURATION = [-1, Number.NaN, Number.POSITIVE_INFINITY, '3', null]
const NOT_A_BOOLEAN = [0, 'true', null]

const rtc = { RTCPeerConnection: class {} }

/** Every option, with values that it refuses. */
const BAD_VALUES: Record<keyof SwarmOptions, unknown[]> = {
  keyPair: [null, 1, {}, { publicKey: bytes32(1) }, { publicKey: bytes32(1), secretKey: bytes32(1) }],
  seed: [null, 'seed', new Uint8Array(31), new Uint8Array(64)],
  maxPeers: NOT_A_COUNT,
  maxClientConnections: NOT_A_COUNT,
  maxServerConnections: NOT_A_COUNT,
  maxParallel: [0, ...NOT_A_COUNT],
  firewall: NOT_A_FUNCTION,
  firewallTimeoutMs: NOT_A_DURATION,
  relayThrough: [1, 'key', bytes32(1).subarray(1), [], [bytes32(1), 'key'], {}],
  backoffs: [[], [-1], ['1'], [Number.NaN], 1000, null],
  jitter: NOT_A_DURATION,
  handshakeClearWait: NOT_A_DURATION,
  dialTimeoutMs: NOT_A_DURATION,
  topicProofs: NOT_A_BOOLEAN,
  maxQueries: [0, ...NOT_A_COUNT],
  maxFoundPeers: [0, ...NOT_A_COUNT],
  suspendTimeoutMs: NOT_A_DURATION,
  destroyTimeoutMs: NOT_A_DURATION,
  clock: [null, 1, {}, { now: Date.now }],
  wallClock: [null, 1, {}],
  random: NOT_A_FUNCTION,
  membership: [null, 1, 'text', {}, bytes32(1), [null], [createGroup()], createGroup().invite(bytes32(1))],
  group: [null, 1, bytes32(1), {}, createGroup().invite(bytes32(1))],
  revocations: [null, 1, bytes32(1), [1], ['list']],
  dht: [null, 1, {}, 'dht', { connect: () => {} }],
  ownsDht: NOT_A_BOOLEAN,
  bootstrap: ['127.0.0.1:1', ['no port'], [{ host: 'x' }], [{ host: 'x', port: 70_000 }], null],
  nodes: [{}, ['127.0.0.1:1'], [{ host: 1, port: 1 }], null],
  port: [-1, 65_536, 1.5, '80', [1], [1, 2, 3], [1, 70_000], null],
  host: ['', 1, null, 'localhost', '300.0.0.1', 'fe80:', ':'],
  lan: [null, 'yes', [], { interface: '' }, { interface: [] }, { multicastPort: 0 }, { multicastAddress: '10.0.0.1' }],
  ephemeral: NOT_A_BOOLEAN,
  deferRandomPunch: NOT_A_BOOLEAN,
  randomPunchInterval: NOT_A_DURATION,
  direct: [
    null,
    true,
    {},
    { rtc: {} },
    { rtc, iceServers: [{ urls: 'stun:stun.example' }, { urls: 'stun.example' }] },
    ...[{ iceServers: {} }, { policy: 'none' }, { localAddresses: 1 }, { share: 'yes' }, { allow: true }].map(
      (wrong) => ({
        rtc,
        ...wrong
      })
    )
  ]
}

/** The file that tests options whose effect needs sockets. */
const TESTED_WITH_SOCKETS = [
  'bootstrap',
  'nodes',
  'port',
  'host',
  'lan',
  'ephemeral',
  'deferRandomPunch',
  'randomPunchInterval'
]
/** The rest is in groups-members.test.ts and groups-end.test.ts. */
const TESTED_WITH_GROUPS = ['membership', 'group', 'revocations']
/** In ../paths/direct and integration/direct.test.ts. */
const TESTED_WITH_PATHS = ['direct']
/** The options whose effect this file tests; see the last test. */
const titles: string[] = []

function effect(option: keyof SwarmOptions, title: string, run: () => Promise<void> | void): void {
  titles.push(option)
  test(`${option}: ${title}`, run)
}

async function setUp(options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  const servers = Array.from({ length: 6 }, () => fake.createSwarm())
  for (const server of servers) server.join(topic, { client: false })
  await fake.clock.advance(10)
  fake.network.latencyMs = 5
  const swarm = fake.createSwarm({ jitter: 0, ...options })
  const [server] = servers
  if (server === undefined) throw new Error('no server')
  return { ...fake, servers, server, swarm, key: server.keyPair.publicKey }
}

const cases = Object.entries(BAD_VALUES).flatMap(([name, values]) => values.map((value) => ({ name, value })))
test.each(cases)('$name refuses $value by name and leaves nothing half done', ({ name, value }) => {
  const { network } = createFakeNetwork()
  const node = network.createNode()
  const options = { dht: node, [name]: value } as unknown as SwarmOptions
  expect(() => new Swarm(options)).toThrowError(
    expect.objectContaining({
      name: 'TypeError',
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`^${name}(\\[\\d+\\]|\\.\\w+)* must be`))
    })
  )
  expect([node.listenerCount, node.servers.length, node.queries.length]).toEqual([0, 0, 0])
})

test.each([null, 1, 'options'])('options that are not an object are refused: %s', (options) => {
  expect(() => new Swarm(options as unknown as SwarmOptions)).toThrowError(
    expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT' })
  )
})

test.each(['127.0.0.1', '0.0.0.0', '::', '::1', 'fe80::1', 'fe80::1%eth0'])('host takes an IP address: %s', (host) => {
  expect(() => verifyNodeOptions({ host })).not.toThrow()
})

test('undefined leaves every option at its default', () => {
  const nothing = Object.fromEntries(Object.keys(BAD_VALUES).map((name) => [name, undefined])) as CoreOptions
  const { backoffs, ...settings } = settle(nothing)
  expect({ ...settings, clock: null, random: null, wallClock: null }).toEqual({
    maxPeers: null,
    direct: null,
    maxClientConnections: Number.POSITIVE_INFINITY,
    maxServerConnections: Number.POSITIVE_INFINITY,
    maxParallel: 8,
    firewall: null,
    firewallTimeoutMs: 5000,
    jitter: 500,
    dialTimeoutMs: 60_000,
    topicProofs: true,
    maxQueries: 4,
    maxFoundPeers: 8192,
    suspendTimeoutMs: 2000,
    destroyTimeoutMs: 5000,
    clock: null,
    random: null,
    wallClock: null
  })
  expect(backoffs).toHaveLength(4)
})

effect('dht', 'is used, and not destroyed with the swarm', async () => {
  const { clock, network } = createFakeNetwork()
  const node = network.createNode()
  const swarm = new Swarm({ dht: node as DhtNode, clock })
  expect(swarm.dht).toBe(node)
  swarm.join(topic)
  await clock.advance(10)
  expect(node.queries).toHaveLength(1)
  await swarm.destroy()
  expect(node.calls.destroy).toBe(0)
})

// hyperswarm programs write `dht: new HyperDHT(...)` and end when the swarm is destroyed.
effect('ownsDht', 'destroys the given node with the swarm', async () => {
  const { clock, network } = createFakeNetwork()
  const node = network.createNode()
  const swarm = new Swarm({ dht: node as DhtNode, ownsDht: true, clock })
  await swarm.destroy()
  expect(node.calls.destroy).toBe(1)
})

effect('keyPair', 'is the identity', async () => {
  const keyPair = createKeyPair()
  const { server, swarm } = await setUp({ keyPair })
  expect(swarm.keyPair).toBe(keyPair)
  swarm.joinPeer(server.keyPair.publicKey)
  expect(swarm.node.dials[0]?.options.keyPair).toBe(keyPair)
})

effect('seed', 'makes the identity', () => {
  const { createSwarm } = createFakeNetwork()
  const [one, two] = [createSwarm({ seed: bytes32(1) }), createSwarm({ seed: bytes32(1) })]
  expect(one.keyPair).toEqual(two.keyPair)
  expect(one.keyPair).toEqual(createKeyPair(bytes32(1)))
})

effect('maxPeers', 'bounds connections both ways', async () => {
  const { clock, swarm } = await setUp({ maxPeers: 2 })
  swarm.join(topic)
  await clock.advance(60_000)
  expect(swarm.connections.size).toBe(2)
  expect(swarm.maxPeers).toBe(2)
})

effect('maxClientConnections', 'bounds those that we dialled', async () => {
  const { clock, swarm } = await setUp({ maxClientConnections: 2 })
  swarm.join(topic)
  await clock.advance(60_000)
  expect(swarm.connections.size).toBe(2)
})

effect('maxServerConnections', 'bounds those that we accepted', async () => {
  const { clock, servers, swarm } = await setUp({ maxServerConnections: 2 })
  await swarm.listen()
  const outcomes = servers.map((server) =>
    server.connect(swarm.keyPair.publicKey).then(
      () => 'OPENED',
      (error: { code: string }) => error.code
    )
  )
  await clock.advance(100)
  expect((await Promise.all(outcomes)).sort()).toEqual(['OPENED', 'OPENED', ...Array(4).fill('REMOTE_FULL')])
})

effect('maxParallel', 'bounds dials in progress', async () => {
  const { clock, swarm } = await setUp({ maxParallel: 2 })
  let most = 0
  swarm.on('update', () => {
    most = Math.max(most, swarm.connecting)
  })
  swarm.join(topic)
  await clock.advance(1000)
  expect([most, swarm.connections.size]).toEqual([2, 6])
})

effect('firewall', 'refuses', async () => {
  const { clock, swarm } = await setUp({ firewall: () => true })
  swarm.join(topic)
  await clock.advance(1000)
  expect([swarm.connections.size, swarm.node.dials.length]).toEqual([0, 0])
  expect(Object.keys(swarm.stats.dials)).toEqual(['FIREWALLED'])
})

effect('firewallTimeoutMs', 'is the longest time that an answer may take', async () => {
  const { clock, key, swarm } = await setUp({ firewall: () => new Promise(() => {}), firewallTimeoutMs: 70 })
  const failed = expect(swarm.connect(key)).rejects.toMatchObject({ code: 'FIREWALLED' })
  await clock.advance(69)
  expect(swarm.connecting).toBe(1)
  await clock.advance(1)
  await failed
})

effect('relayThrough', 'as a key, is used once a direct connection has proved impossible', async () => {
  const relay = bytes32(9)
  const { clock, key, network, swarm } = await setUp({ relayThrough: relay })
  network.dialFate = () => ({ code: 'HOLEPUNCH_ABORTED' })
  swarm.joinPeer(key)
  await clock.advance(60_000)
  const relays = swarm.node.dials.map(({ options }) => options.relayThrough)
  expect(relays.slice(0, 3)).toEqual([null, relay, relay])
  expect(swarm.node.servers[0]?.options.relayThrough?.()).toBeNull()
})

effect('relayThrough', 'as a key, is used at once behind a randomizing NAT', async () => {
  const relays = [bytes32(8), bytes32(9)]
  const { createSwarm, network } = await setUp()
  const swarm = createSwarm({ node: network.createNode({ randomized: true }), relayThrough: relays })
  swarm.joinPeer(bytes32(1))
  expect(swarm.node.dials[0]?.options.relayThrough).toBe(relays)
  expect(swarm.node.servers[0]?.options.relayThrough?.()).toBe(relays)
})

effect('relayThrough', 'as a function, is called for each connection, and can be changed', async () => {
  const asked: unknown[] = []
  const { swarm } = await setUp({
    relayThrough: (force, caller) => {
      asked.push(force, caller)
      return bytes32(7)
    }
  })
  swarm.joinPeer(bytes32(1))
  expect(asked).toEqual([false, swarm])
  expect(swarm.node.dials[0]?.options.relayThrough).toEqual(bytes32(7))
  swarm.relayThrough = null
  swarm.joinPeer(bytes32(2))
  expect(swarm.node.dials[1]?.options.relayThrough).toBeNull()
})

effect('backoffs', 'are the waits between dials', async () => {
  const { clock, key, network, swarm } = await setUp({ backoffs: [10, 40, 100] })
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  const waits: Array<number | null> = []
  swarm.on('dial-error', ({ nextTryMs }) => waits.push(nextTryMs))
  swarm.joinPeer(key)
  await clock.advance(400)
  expect(waits.slice(0, 4)).toEqual([40, 80, 100, 100])
})

effect('jitter', 'is added to each wait', async () => {
  const { clock, key, network, swarm } = await setUp({ backoffs: [10], jitter: 100, random: () => 0.5 })
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  const waits: Array<number | null> = []
  swarm.on('dial-error', ({ nextTryMs }) => waits.push(nextTryMs))
  swarm.joinPeer(key)
  await clock.advance(100)
  expect(waits[0]).toBe(60)
})

effect('handshakeClearWait', 'is passed to the server', async () => {
  const { swarm } = await setUp({ handshakeClearWait: 1234 })
  expect(swarm.node.servers[0]?.options.handshakeClearWait).toBe(1234)
})

effect('dialTimeoutMs', 'ends a dial that hangs', async () => {
  const { clock, key, network, swarm } = await setUp({ dialTimeoutMs: 70 })
  network.dialFate = () => 'hang'
  swarm.joinPeer(key)
  await clock.advance(69)
  expect(swarm.stats.dials).toEqual({})
  await clock.advance(1)
  expect(swarm.stats.dials).toEqual({ DIAL_TIMEOUT: 1 })
})

effect('topicProofs', 'when off, reveals no topic to the other side, in either direction', async () => {
  const { clock, createSwarm, servers } = await setUp()
  const [open, closed] = [createSwarm({ topicProofs: true }), createSwarm({ topicProofs: false })]
  open.join(topic, { server: false })
  closed.join(topic, { server: false })
  await clock.advance(1000)
  const topicsOf = (key: Uint8Array) => servers.map((server) => server.peers.get(hex(key))?.topics.length)
  expect(topicsOf(open.keyPair.publicKey)).toEqual([1, 1, 1, 1, 1, 1])
  expect(topicsOf(closed.keyPair.publicKey)).toEqual([0, 0, 0, 0, 0, 0])
})

effect('maxFoundPeers', 'bounds the peers that were found and never connected', async () => {
  const { clock, network, swarm } = await setUp({ maxFoundPeers: 2, maxParallel: 1 })
  network.dialFate = () => ({ code: 'PEER_NOT_FOUND' })
  swarm.join(topic, { server: false })
  await clock.advance(1000)
  expect(swarm.peers.size).toBe(2)
})

effect('maxQueries', 'bounds queries in flight across all swarms on a node; the first swarm sets it', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const node = network.createNode()
  network.queryFate = () => 'hang'
  const swarms = [createSwarm({ node, maxQueries: 3 }), createSwarm({ node, maxQueries: 50 })]
  for (const swarm of swarms) for (let i = 0; i < 10; i++) swarm.join(bytes32(i), { server: false })
  await clock.advance(10)
  expect(node.queriesInFlight).toBe(3)
})

effect('suspendTimeoutMs', 'bounds the wait for withdrawals that are not answered', async () => {
  const { clock, network, swarm } = await setUp({ suspendTimeoutMs: 300 })
  swarm.join(topic)
  await clock.advance(100)
  network.isDark = true
  let isSuspended = false
  void swarm.suspend().then(() => {
    isSuspended = true
  })
  await clock.advance(299)
  expect(isSuspended).toBe(false)
  await clock.advance(1)
  expect(isSuspended).toBe(true)
})

effect('destroyTimeoutMs', 'bounds the wait for withdrawals that are not answered', async () => {
  const { clock, network, swarm } = await setUp({ destroyTimeoutMs: 300 })
  swarm.join(topic)
  await clock.advance(100)
  network.isDark = true
  let isDestroyed = false
  void swarm.destroy().then(() => {
    isDestroyed = true
  })
  await clock.advance(299)
  expect(isDestroyed).toBe(false)
  await clock.advance(1)
  expect(isDestroyed).toBe(true)
})

effect('clock', 'is the source of time', async () => {
  const clock = new FakeClock()
  const { createSwarm } = createFakeNetwork()
  const swarm = createSwarm({ clock })
  swarm.join(topic, { server: false })
  await clock.advance(0)
  expect(clock.liveTimers).toBe(1)
})

effect('wallClock', 'is the time of day', async () => {
  const { clock, network, createSwarm } = createFakeNetwork()
  const [server, client] = [createSwarm(), createSwarm({ wallClock: { now: () => 7 } })]
  await server.listen()
  client.joinPeer(server.keyPair.publicKey)
  await clock.advance(network.latencyMs + 1000)
  expect(client.peers.get(hex(server.keyPair.publicKey))?.connectedTime).toBe(7)
})

effect('random', 'is the source of random numbers', async () => {
  let calls = 0
  const random = () => {
    calls++
    return 0.25
  }
  const { clock, swarm } = await setUp({ random })
  swarm.join(topic)
  await clock.advance(100)
  expect(calls).toBeGreaterThan(0)
})

test('every option of the source is in this file, with bad values and with an effect', () => {
  const files = ['../../../src/swarm/options.ts', '../../../src/groups/options.ts']
  const source = files.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('\n')
  const interfaces = [...source.matchAll(/export interface (?:Core|Swarm|Group)Options[^{]*\{([\s\S]*?)\n\}/g)]
  const names = interfaces.flatMap(([, body]) => [...(body ?? '').matchAll(/^ {2}(\w+)\?:/gm)].map((match) => match[1]))
  expect(names.length).toBeGreaterThan(20)
  expect(names.sort()).toEqual(Object.keys(BAD_VALUES).sort())
  expect([...new Set([...titles, ...TESTED_WITH_SOCKETS, ...TESTED_WITH_GROUPS, ...TESTED_WITH_PATHS])].sort()).toEqual(
    names
  )
})

function hex(key: Uint8Array) {
  return b4a.toString(key, 'hex') as Parameters<Swarm['peers']['get']>[0]
}
