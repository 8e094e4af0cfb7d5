/** Swarm and the real hyperswarm on one DHT. */
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { DialFailure } from '../../src/dialing/failure.js'
import type { Connection } from '../../src/network/connection.js'
import {
  type CommonOptions,
  carries,
  countConnections,
  type Dht,
  hex,
  type Kind,
  nextConnection,
  orderedKeyPairs,
  remoteOf,
  type SwarmLike,
  Testnet
} from './support.js'

const testnet = Testnet.use()

const OTHER: Record<Kind, Kind> = { hyperswarm: 'swarmway', swarmway: 'hyperswarm' }
const KINDS: Kind[] = ['hyperswarm', 'swarmway']
const QUICK: CommonOptions = { backoffs: [50, 50, 50, 50], jitter: 0 }
/** So slow that the peer does not dial automatically during a test. */
const NEVER_AGAIN: CommonOptions = { backoffs: [600_000, 600_000, 600_000, 600_000], jitter: 0 }

describe.each(KINDS)('%s looks up, the other announces', (kind) => {
  test('they meet, once, and data flows both ways', async () => {
    const { announcer, looker, topic } = pair(kind)
    const events = [countConnections(announcer), countConnections(looker)]
    await announcer.join(topic, { client: false }).flushed()
    const accepted = nextConnection(announcer)
    const dialled = nextConnection(looker)
    looker.join(topic, { server: false })
    const [atAnnouncer, atLooker] = await Promise.all([accepted, dialled])

    expect(remoteOf(atAnnouncer.connection)).toBe(hex(looker.keyPair.publicKey))
    expect(await carries(atLooker.connection, atAnnouncer.connection, 'ping')).toBe(true)
    expect(await carries(atAnnouncer.connection, atLooker.connection, 'pong')).toBe(true)
    expect(events.map((counts) => [...counts.values()])).toEqual([[1], [1]])
    expect([atAnnouncer.info.client, atLooker.info.client]).toEqual([false, true])
  })

  test('only the looking side knows the topic: hyperswarm neither sends nor reads proofs', async () => {
    const { announcer, looker, topic } = pair(kind)
    await announcer.join(topic, { client: false }).flushed()
    const accepted = nextConnection(announcer)
    const dialled = nextConnection(looker)
    looker.join(topic, { server: false })
    expect((await dialled).info.topics.map(hex)).toEqual([hex(topic)])
    expect((await accepted).info.topics).toEqual([])
  })

  test('in both modes on both sides', async () => {
    const { announcer: first, looker: second, topic } = pair(kind)
    await first.join(topic).flushed()
    await second.join(topic).flushed()
    await untilConnected(first, second)
    expect(await carryBothWays(first, second)).toBe(true)
  })

  test('a connection that was killed comes back', async () => {
    const { announcer, looker, topic } = pair(kind, QUICK)
    await announcer.join(topic, { client: false }).flushed()
    looker.join(topic, { server: false })
    await untilConnected(announcer, looker)
    for (const killer of [announcer, looker]) {
      const again = nextConnection(looker)
      for (const connection of killer.connections) connection.destroy()
      await again
      await untilConnected(announcer, looker)
    }
    expect(await carryBothWays(announcer, looker)).toBe(true)
  })

  test('joinPeer reaches a peer without a common topic', async () => {
    const { announcer, looker } = pair(kind)
    await announcer.listen()
    looker.joinPeer(announcer.keyPair.publicKey)
    await untilConnected(announcer, looker)
    expect(await carryBothWays(announcer, looker)).toBe(true)
  })

  test('the firewall of the announcing side keeps the other side out', async () => {
    const asked: string[] = []
    const topic = freshTopic()
    const firewall = (key: Uint8Array) => asked.push(hex(key)) > 0
    const announcer = testnet.make(OTHER[kind], { firewall })
    const looker = testnet.make(kind)
    await announcer.join(topic, { client: false }).flushed()
    looker.join(topic, { server: false })
    await until('the firewall to be asked', () => asked.length > 0)
    expect(asked[0]).toBe(hex(looker.keyPair.publicKey))
    await until('the dial to end', () => looker.connecting === 0)
    expect([announcer.connections.size, looker.connections.size]).toEqual([0, 0])
  })

  test('the firewall of the looking side keeps it from dialling', async () => {
    const asked: string[] = []
    const topic = freshTopic()
    const announcer = testnet.make(OTHER[kind])
    const looker = testnet.make(kind, { firewall: (key) => asked.push(hex(key)) > 0 })
    await announcer.join(topic, { client: false }).flushed()
    await looker.join(topic, { server: false }).flushed()
    await until('the firewall to be asked', () => asked.length > 0)
    expect(asked[0]).toBe(hex(announcer.keyPair.publicKey))
    expect([announcer.connections.size, looker.connections.size, looker.connecting]).toEqual([0, 0, 0])
  })
})

describe('a peer that crashed and came back with its key', () => {
  // The crashed one keeps running, cut off from its application, so the other side cannot know that it is gone.
  test.each(KINDS)('%s is recognized by the other side', async (kind) => {
    const topic = freshTopic()
    const stays = testnet.make(OTHER[kind], NEVER_AGAIN)
    const crashes = testnet.make(kind, NEVER_AGAIN)
    await stays.join(topic, { client: false }).flushed()
    crashes.join(topic, { server: false })
    await untilConnected(stays, crashes)
    expect(await carryBothWays(stays, crashes)).toBe(true)

    const restarted = testnet.make(kind, { ...NEVER_AGAIN, keyPair: crashes.keyPair })
    restarted.join(topic, { server: false })
    await until('the restarted peer to take the place of the crashed one', () => isConnected(stays, restarted))
    expect(stays.connections.size).toBe(1)
    expect(await carryBothWays(stays, restarted)).toBe(true)
  })

  test.each(KINDS)('%s is found again after an orderly restart', async (kind) => {
    const topic = freshTopic()
    const looker = testnet.make(OTHER[kind], QUICK)
    const announcer = testnet.make(kind)
    await announcer.join(topic, { client: false }).flushed()
    const session = looker.join(topic, { server: false })
    await untilConnected(announcer, looker)
    await announcer.destroy()
    await until('the connection to close', () => looker.connections.size === 0)

    const restarted = testnet.make(kind, { keyPair: announcer.keyPair })
    await restarted.join(topic, { client: false }).flushed()
    await session.refresh()
    await untilConnected(restarted, looker)
    expect(await carryBothWays(restarted, looker)).toBe(true)
  })
})

describe('peers that dial each other at the same moment', () => {
  test.each(KINDS)('end with one connection, when the key of %s is the greater one', async (greater) => {
    for (let round = 0; round < 5; round++) {
      const [less, more] = orderedKeyPairs()
      const keyPairs = { [OTHER[greater]]: less, [greater]: more } as Record<Kind, typeof less>
      const [dhtA, dhtB] = await testnet.readyNodes(2)
      const theirs = testnet.make('hyperswarm', { dht: dhtA as Dht, keyPair: keyPairs.hyperswarm })
      const ours = testnet.make('swarmway', { dht: dhtB as Dht, keyPair: keyPairs.swarmway })
      const events = countConnections(ours)
      await Promise.all([theirs.listen(), ours.listen()])
      theirs.joinPeer(ours.keyPair.publicKey)
      ours.joinPeer(theirs.keyPair.publicKey)
      await untilConnected(theirs, ours)
      expect(await carryBothWays(theirs, ours)).toBe(true)
      expect([theirs.connections.size, ours.connections.size]).toEqual([1, 1])
      expect([...events.values()], `round ${round}`).toEqual([1])
    }
  })
})

test('three of each that join at the same moment: every pair that includes one of ours meets', async () => {
  const topic = freshTopic()
  const nodes = await testnet.readyNodes(6)
  const theirs = nodes.slice(0, 3).map((dht) => testnet.make('hyperswarm', { dht }))
  const ours = nodes.slice(3).map((dht) => testnet.make('swarmway', { dht }))
  const events = ours.map(countConnections)
  for (const swarm of [...theirs, ...ours]) swarm.join(topic)
  const met = (a: SwarmLike) => [...theirs, ...ours].every((b) => a === b || isConnected(a, b))
  await until('ours to be connected to all', () => ours.every(met))
  for (const counts of events) expect([...counts.values()]).toEqual([1, 1, 1, 1, 1])
})

describe('behind a relay', () => {
  test('hyperswarm accepts through one, Swarm dials', async () => {
    const relay = await testnet.relay()
    const { announcer, looker } = await meet({ announcer: 'hyperswarm' }, { relayThrough: () => relay.publicKey })
    expect(await carryBothWays(announcer, looker)).toBe(true)
    expect(relay.matched()).toBeGreaterThan(0)
  })

  test('hyperswarm dials through one, Swarm accepts', async () => {
    const relay = await testnet.relay()
    const { announcer, looker } = await meet({ announcer: 'swarmway' }, {}, { relayThrough: () => relay.publicKey })
    expect(await carryBothWays(announcer, looker)).toBe(true)
    expect(relay.matched()).toBeGreaterThan(0)
  })

  test('Swarm accepts through one, given as a function', async () => {
    const relay = await testnet.relay()
    const { announcer, looker } = await meet({ announcer: 'swarmway' }, { relayThrough: () => relay.publicKey })
    expect(await carryBothWays(announcer, looker)).toBe(true)
    expect(relay.matched()).toBeGreaterThan(0)
  })

  test('Swarm dials through one, given as a key, where its own NAT makes it necessary', async () => {
    const relay = await testnet.relay()
    const dht = testnet.unreachableNode()
    Object.defineProperty(dht, 'randomized', { value: true })
    const { announcer, looker } = await meet({ announcer: 'hyperswarm' }, {}, { dht, relayThrough: relay.publicKey })
    expect(await carryBothWays(announcer, looker)).toBe(true)
    expect(relay.matched()).toBeGreaterThan(0)
  })

  test('Swarm turns to one, given as a list of keys, when it cannot reach the peer directly', async () => {
    const relay = await testnet.relay()
    const failures: string[] = []
    const swarm = testnet.swarm({
      dht: testnet.unreachableNode(),
      relayThrough: [relay.publicKey],
      backoffs: [10],
      jitter: 0
    })
    swarm.on('dial-error', (failure: DialFailure) => failures.push(failure.code))
    const announcer = testnet.hyperswarm({ dht: testnet.unreachableNode() })
    await announcer.listen()
    swarm.joinPeer(announcer.keyPair.publicKey)
    await until('the relayed connection', () => swarm.connections.size === 1 && announcer.connections.size === 1)
    expect(failures).toEqual(['HOLEPUNCH_ABORTED'])
    expect(relay.matched()).toBeGreaterThan(0)
  })

  async function meet(kinds: { announcer: Kind }, ofAnnouncer: CommonOptions, ofLooker: CommonOptions = {}) {
    const topic = freshTopic()
    const announcer = testnet.make(kinds.announcer, { dht: testnet.unreachableNode(), ...ofAnnouncer })
    const looker = testnet.make(OTHER[kinds.announcer], { dht: testnet.unreachableNode(), ...ofLooker })
    await announcer.join(topic, { client: false }).flushed()
    looker.join(topic, { server: false })
    await untilConnected(announcer, looker)
    return { announcer, looker }
  }
})

function pair(looker: Kind, options: CommonOptions = {}) {
  return {
    announcer: testnet.make(OTHER[looker], options),
    looker: testnet.make(looker, options),
    topic: freshTopic()
  }
}

function connectionTo(from: SwarmLike, to: SwarmLike): Connection | undefined {
  return [...from.connections].find((connection) => remoteOf(connection) === hex(to.keyPair.publicKey))
}

/** Whether the two sides hold the two ends of one connection. */
function isConnected(a: SwarmLike, b: SwarmLike): boolean {
  const [atA, atB] = [connectionTo(a, b)?.handshakeHash, connectionTo(b, a)?.handshakeHash]
  return !!atA && !!atB && b4a.equals(atA, atB)
}

function untilConnected(a: SwarmLike, b: SwarmLike): Promise<void> {
  return until('both sides to hold one connection', () => isConnected(a, b))
}

async function carryBothWays(a: SwarmLike, b: SwarmLike): Promise<boolean> {
  const [atA, atB] = [connectionTo(a, b), connectionTo(b, a)]
  if (atA === undefined || atB === undefined) return false
  return (await carries(atA, atB, 'there')) && (await carries(atB, atA, 'back'))
}
