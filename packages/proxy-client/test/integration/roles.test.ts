/** Which peer dials which, and how they find each other. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { canCountUdpSockets, udpSockets } from '../../../runtime/test/support/udp.js'
import { until } from '../../../runtime/test/support/until.js'
import type { SwarmCore } from '../../src/index.js'
import { connectionBetween, createNode, createRig, type Network, shownBy, useTestnet } from '../support/rig.js'
import { closed, echo } from '../support/transfer.js'

const testnet = useTestnet()

/** The participants, by their names in the test titles. */
const KINDS: Readonly<Record<string, (rig: Network) => Promise<SwarmCore>>> = {
  'a proxied peer': async (rig) => rig.createSwarm() as unknown as SwarmCore,
  'a proxied peer on another server': async (rig) =>
    rig.createSwarm({ door: (await rig.createServer()).door }) as unknown as SwarmCore,
  'a native peer': async (rig) => rig.createNative(),
  'a plain hyperswarm peer': async (rig) => rig.createHyperswarm()
}

describe('in all roles', () => {
  test.each([
    ['a native peer', 'a proxied peer'],
    ['a proxied peer', 'a native peer'],
    ['a proxied peer', 'a proxied peer'],
    ['a proxied peer', 'a proxied peer on another server'],
    ['a proxied peer on another server', 'a proxied peer'],
    ['a plain hyperswarm peer', 'a proxied peer'],
    ['a proxied peer', 'a plain hyperswarm peer']
  ])('%s finds and dials %s', async (dialling, accepting) => {
    const rig = await createRig({ testnet: testnet() })
    const [dialler, acceptor] = [await KINDS[dialling]?.(rig), await KINDS[accepting]?.(rig)]
    if (!dialler || !acceptor) return expect.unreachable()
    const topic = freshTopic()
    const topics: Uint8Array[][] = []
    dialler.on('connection', (_connection, info) => topics.push(info.topics))
    await acceptor.join(topic, { client: false, server: true }).flushed()
    dialler.join(topic, { client: true, server: false })
    const [near, far] = await connectionBetween(dialler, acceptor)
    await echo(near, far)
    expect([near.isInitiator, far.isInitiator]).toEqual([true, false])
    expect(topics).toEqual([[topic]])
    const isLocal = dialling === accepting
    expect([rig.server.stats.splices, rig.server.stats.dhtConnections]).toEqual(isLocal ? [1, 0] : [0, 1])
  })

  test('a proxied peer, native peers, and clients of its own and of another server dial each other by key', async () => {
    const rig = await createRig({ testnet: testnet() })
    const [a, b, native] = [rig.createSwarm(), rig.createSwarm(), rig.createNative()]
    const c = rig.createSwarm({ door: (await rig.createServer()).door })
    await Promise.all([a, b, c, native].map((swarm) => swarm.listen()))
    for (const [from, to] of [
      [a, b],
      [b, c],
      [native, a],
      [c, native]
    ] as const) {
      const near = await from.connect(to.keyPair.publicKey)
      const [, far] = await connectionBetween(from, to)
      await echo(near, far)
    }
  })

  test('joinPeer keeps a connection to or from a proxied peer until leavePeer', async () => {
    const rig = await createRig({ testnet: testnet() })
    const [client, native] = [rig.createSwarm(), rig.createNative()]
    for (const [from, to] of [
      [client, native],
      [native, client]
    ] as const) {
      await to.listen()
      const shown = shownBy(from)
      from.joinPeer(to.keyPair.publicKey)
      const [near] = await connectionBetween(from, to)
      near.destroy()
      await until('a second connection', () => shown.length === 2)
      from.leavePeer(to.keyPair.publicKey)
      for (const connection of from.connections) connection.destroy()
      await until('all closed', () => from.connections.size === 0 && to.connections.size === 0)
    }
  })

  test('connecting to a key that nobody has, or that nobody listens on, fails with a code', async () => {
    const rig = await createRig({ testnet: testnet() })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    await expect(a.connect(freshTopic())).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
    await expect(a.connect(b.keyPair.publicKey)).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
    await expect(a.connect(a.keyPair.publicKey)).rejects.toMatchObject({ code: 'SELF' })
  })
})

describe('clients of one server', () => {
  test('meet at once, without a lookup and without UDP', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    await Promise.all([a.listen(), b.listen()])
    const topic = freshTopic()
    a.join(topic)
    b.join(topic)
    await connectionBetween(a, b)
    expect(rig.server.stats).toMatchObject({ splices: 1, lookupsMade: 0, announces: 0, dhtConnections: 0 })
  })

  test('meet at once even if the server has a DHT, which it queries in the meantime', async () => {
    const rig = await createRig({ testnet: testnet() })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const topic = freshTopic()
    await Promise.all([a.listen(), b.listen()])
    a.join(topic)
    b.join(topic)
    await connectionBetween(a, b)
    expect(rig.server.stats).toMatchObject({ splices: 1, lookupsMade: 0, dhtConnections: 0 })
  })

  // The swarm used to announce a topic only after its key, which takes the DHT's round trips, or 6 seconds if the DHT
  // is silent.
  test('meet at once even if the DHT of the server does not answer', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const dht = createNode([{ host: '127.0.0.1', port: silent.address().port }])
    const rig = await createRig({ testnet: null, server: { dht } })
    onTestFinished(async () => {
      await dht.destroy({ force: true })
      silent.close()
    })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const topic = freshTopic()
    for (const swarm of [a, b]) swarm.join(topic)
    await until('they have met', () => a.connections.size === 1 && b.connections.size === 1)
    const { bootstrapped } = dht as typeof dht & { readonly bootstrapped: boolean }
    expect(bootstrapped, 'whether the DHT node had given up by then').toBe(false)
  })

  test.skipIf(!canCountUdpSockets)('with dht: null, nobody opens a UDP socket', async () => {
    const before = udpSockets()
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const topic = freshTopic()
    for (const swarm of [a, b]) swarm.join(topic)
    const [near, far] = await connectionBetween(a, b)
    await echo(near, far)
    expect(udpSockets(), 'UDP sockets').toBe(before)
    const withDht = await createRig({ testnet: testnet() })
    await withDht.createSwarm().listen()
    expect(udpSockets(), 'a server with a DHT has UDP sockets, so the count works').toBeGreaterThan(before)
  })

  test('with dht: null, a swarm works except for DHT operations, which fail with a code', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    await b.listen()
    await echo(await a.connect(b.keyPair.publicKey), (await connectionBetween(a, b))[1])
    await expect(a.connect(freshTopic())).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
    await expect(a.dht.immutablePut(b4a.from('value'))).rejects.toMatchObject({ code: 'DHT_OFF' })
    const session = a.join(freshTopic())
    expect(await session.flushed()).toBe(true)
    expect(await a.flush()).toBe(true)
    await session.destroy()
    expect(rig.server.stats.topics).toBe(0)
  })

  test('a peer that leaves or is destroyed is no longer found', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const topics = [freshTopic(), freshTopic()] as const
    await Promise.all([a.join(topics[0]).flushed(), b.join(topics[1]).flushed()])
    await a.leave(topics[0])
    await b.destroy()
    await until('b is gone', () => rig.server.clients.size === 1)
    const late = rig.createSwarm()
    for (const topic of topics) late.join(topic)
    expect(await late.flush()).toBe(true)
    expect([late.connections.size, late.stats.dials]).toEqual([0, {}])
  })
})

describe('the client decides who may connect', () => {
  test.each(['a native peer', 'a proxied peer'])('its firewall refuses %s, without a connection', async (kind) => {
    const rig = await createRig({ testnet: testnet() })
    const seen: string[] = []
    const acceptor = rig.createSwarm({
      firewall: async (key) => {
        seen.push(b4a.toString(key, 'hex'))
        return true
      }
    })
    acceptor.on('connection', () => expect.unreachable('a refused peer was shown'))
    await acceptor.listen()
    const dialler = await KINDS[kind]?.(rig)
    const abort = new AbortController()
    const dialled = dialler?.connect(acceptor.keyPair.publicKey, { signal: abort.signal })
    const refused = expect(dialled).rejects.toHaveProperty('code')
    await until('a refusal', () => acceptor.stats.firewallRefusals > 0)
    abort.abort()
    await refused
    expect(seen[0]).toBe(dialler && b4a.toString(dialler.keyPair.publicKey, 'hex'))
    expect(acceptor.stats.bannedPeers).toBe(0)
  })

  test('a banned peer is not let in, until the ban is lifted', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const bKey = b4a.toString(b.keyPair.publicKey, 'hex')
    await a.listen()
    await b.connect(a.keyPair.publicKey)
    const [near, far] = await connectionBetween(b, a)
    const info = [...a.peers.values()].find(({ publicKey }) => b4a.toString(publicKey, 'hex') === bKey)
    info?.ban()
    near.destroy()
    await closed(far)
    await expect(b.connect(a.keyPair.publicKey)).rejects.toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
    await expect(a.connect(b.keyPair.publicKey)).rejects.toMatchObject({ code: 'BANNED' })
    info?.ban(false)
    await b.connect(a.keyPair.publicKey)
  })

  test('maxServerConnections is enforced, and a refused peer learns that this one is full', async () => {
    const rig = await createRig({ testnet: null })
    const full = rig.createSwarm({ maxServerConnections: 2 })
    await full.listen()
    const diallers = Array.from({ length: 5 }, () => rig.createSwarm())
    const outcomes = await Promise.allSettled(diallers.map((swarm) => swarm.connect(full.keyPair.publicKey)))
    const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'OPENED' : outcome.reason.code))
    expect(codes.sort()).toEqual(['OPENED', 'OPENED', 'REMOTE_FULL', 'REMOTE_FULL', 'REMOTE_FULL'])
    await until('both sides know', () => full.connections.size === 2)
    expect(full.stats.limitRefusals).toBe(3)
  })

  test('maxPeers and the limit of a topic are enforced', async () => {
    const rig = await createRig({ testnet: null })
    const topic = freshTopic()
    const servers = Array.from({ length: 4 }, () => rig.createSwarm())
    await Promise.all(servers.map((swarm) => swarm.join(topic, { client: false }).flushed()))
    const [few, limited] = [rig.createSwarm({ maxPeers: 3 }), rig.createSwarm()]
    few.join(topic, { server: false })
    limited.join(topic, { server: false, limit: 1 })
    expect(await Promise.all([few.flush(), limited.flush()])).toEqual([true, true])
    expect([few.connections.size, limited.connections.size]).toEqual([3, 1])
  })
})
