/**
 * The faults of hyperswarm 4.17 that Swarmway must not have, one test per row of the table in docs/ARCHITECTURE.md.
 * Each scenario runs with both classes: the fault has to appear with the real hyperswarm, or the test proves
 * nothing, and must not appear with Swarm.
 */
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { reaches, turn, until } from '../../../runtime/test/support/until.js'
import type { DialFailure } from '../../src/dialing/failure.js'
import {
  type CommonOptions,
  carries,
  countConnections,
  HyperDHT,
  hex,
  ignore,
  isFullMesh,
  type Kind,
  nextConnection,
  orderedKeyPairs,
  type SwarmLike,
  Testnet
} from './support.js'

const testnet = Testnet.use()

/** A fault that depends on timing does not show in every round, but in one of these it does. */
const MOST_ROUNDS = 10

/** Whether one of the rounds shows the fault. */
async function showsFault(round: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < MOST_ROUNDS; i++) if (await round()) return true
  return false
}

describe('peers that join a topic at the same moment miss each other until the next refresh', () => {
  async function missedPairs(kind: Kind): Promise<number> {
    const nodes = await testnet.readyNodes(6)
    const topic = freshTopic()
    const swarms = nodes.map((dht) => testnet.make(kind, { dht }))
    await Promise.all(swarms.map((swarm) => swarm.listen()))
    await Promise.all(swarms.map((swarm) => swarm.join(topic).flushed()))
    // hyperswarm has nothing left to do once its dials are done; peers that it misses now, it misses for 10 minutes.
    if (kind === 'hyperswarm') await Promise.all(swarms.map((swarm) => swarm.flush()))
    else await reaches(() => isFullMesh(swarms), 60_000)
    return swarms.reduce((missed, { connections }) => missed + swarms.length - 1 - connections.size, 0)
  }

  test('hyperswarm does', async () => {
    expect(await showsFault(async () => (await missedPairs('hyperswarm')) > 0)).toBe(true)
  })

  test('Swarm does not', async () => {
    expect(await missedPairs('swarmway')).toBe(0)
  })
})

describe('joining many topics floods the DHT node, whose queue then drains only every 750 ms', () => {
  const TOPICS = 60

  async function joinMany(kind: Kind) {
    const [node] = await testnet.readyNodes(1)
    if (node === undefined) throw new Error('no node')
    const swarm = testnet.make(kind, { dht: node })
    await swarm.listen()
    let mostInFlight = 0
    const sampler = setInterval(() => {
      mostInFlight = Math.max(mostInFlight, node.io.inflight.length)
    }, 1)
    const sessions = Array.from({ length: TOPICS }, () => swarm.join(freshTopic()))
    await Promise.all(sessions.map((session) => session.flushed()))
    clearInterval(sampler)
    return mostInFlight
  }

  test('hyperswarm overfills its window, and Swarm keeps within it', async () => {
    // The window of dht-rpc is 80 requests; only the excess has to wait for the drain.
    expect(await showsFault(async () => (await joinMany('hyperswarm')) >= 80)).toBe(true)
    expect(await joinMany('swarmway')).toBeLessThan(80)
  })
})

describe('a peer that is in the dial queue at suspend() is never dialled again', () => {
  async function connectedAfterResume(kind: Kind, servers: number): Promise<number> {
    const topic = freshTopic()
    for (const dht of await testnet.readyNodes(servers)) {
      const server = testnet.hyperswarm({ dht })
      await server.join(topic, { client: false }).flushed()
    }
    const swarm = testnet.make(kind, { maxParallel: 1 })
    const queued = () => [...swarm.peers.values()].filter((info) => info.queued).length
    const session = swarm.join(topic, { server: false })
    await untilInTheSameTick(() => queued() >= 3)
    await swarm.suspend()
    await swarm.resume()
    await session.refresh()
    await reaches(() => swarm.connections.size === servers, kind === 'hyperswarm' ? 1500 : 60_000)
    return swarm.connections.size
  }

  test('hyperswarm loses peers', async () => {
    expect(await showsFault(async () => (await connectedAfterResume('hyperswarm', 6)) < 6)).toBe(true)
  })

  test('Swarm loses none', async () => {
    expect(await connectedAfterResume('swarmway', 6)).toBe(6)
  })
})

describe('the limit of a topic is exceeded', () => {
  /** The highest number of connections of a swarm with `join(topic, { limit: 2 })` and six peers dialling it. */
  async function mostConnections(kind: Kind): Promise<number> {
    const topic = freshTopic()
    const limited = testnet.make(kind)
    const watch = watchMost(limited)
    const session = limited.join(topic, { limit: 2 })
    await session.flushed()
    const others = (await testnet.readyNodes(6)).map((dht) => testnet.make(kind, { dht }))
    await Promise.all(others.map((other) => other.join(topic).flushed()))
    await Promise.all(others.map((other) => other.flush()))
    await session.refresh()
    await limited.flush()
    return watch.most
  }

  test('hyperswarm exceeds it', async () => {
    expect(await showsFault(async () => (await mostConnections('hyperswarm')) > 2)).toBe(true)
  })

  test('Swarm holds it at every moment', async () => {
    expect(await mostConnections('swarmway')).toBe(2)
  })
})

describe('maxServerConnections is never read', () => {
  async function mostAccepted(kind: Kind): Promise<number> {
    const limited = testnet.make(kind, { maxServerConnections: 2 })
    const watch = watchMost(limited)
    await limited.listen()
    const others = (await testnet.readyNodes(6)).map((dht) => testnet.make(kind, { dht }))
    for (const other of others) other.joinPeer(limited.keyPair.publicKey)
    const info = (other: SwarmLike) => other.peers.get(hex(limited.keyPair.publicKey))
    const isSettled = (other: SwarmLike) => other.connections.size === 1 || (info(other)?.attempts ?? 0) > 0
    await until('every dial to open or fail', () => others.every(isSettled))
    const opened = others.filter((other) => other.connections.size === 1).length
    await until('the accepting side to show what is open', () => limited.connections.size >= opened)
    return watch.most
  }

  test('hyperswarm accepts every connection', async () => {
    expect(await mostAccepted('hyperswarm')).toBe(6)
  })

  test('Swarm accepts only up to the limit', async () => {
    expect(await mostAccepted('swarmway')).toBe(2)
  })
})

describe('one refusal by the firewall bans the key for the life of the process', () => {
  async function refuseOnce(kind: Kind) {
    let asked = 0
    const swarm = testnet.make(kind, { firewall: () => ++asked <= 5 })
    await swarm.listen()
    const node = testnet.node()
    const strangers = Array.from({ length: 5 }, () => HyperDHT.keyPair())
    const dials = strangers.map((keyPair) => {
      const dial = node.connect(swarm.keyPair.publicKey, { keyPair })
      dial.on('error', ignore)
      return dial
    })
    await until('the firewall to be asked', () => asked === 5)
    for (const dial of dials) dial.destroy()
    const remembered = swarm.peers.size
    // What a refused handshake leaves behind at its sender depends on timing: the second try is another dial, same key.
    const again = node.connect(swarm.keyPair.publicKey, { keyPair: strangers[0] ?? HyperDHT.keyPair() })
    again.on('error', ignore)
    const isLetIn = await reaches(() => swarm.connections.size === 1, kind === 'hyperswarm' ? 1000 : 60_000)
    again.destroy()
    return { bans: swarm.stats.bannedPeers, remembered, isLetIn }
  }

  test('hyperswarm bans the key, and remembers every stranger', async () => {
    expect(await refuseOnce('hyperswarm')).toEqual({ bans: 5, remembered: 5, isLetIn: false })
  })

  test('Swarm asks again, and remembers no stranger', async () => {
    expect(await refuseOnce('swarmway')).toEqual({ bans: 0, remembered: 0, isLetIn: true })
  })
})

describe('a peer whose link dies young four times is forgotten until the next refresh', () => {
  const FAST: CommonOptions = { backoffs: [20, 20, 20, 20], jitter: 0 }

  /** Number of dials to a peer whose first six connections died as soon as they were open. */
  async function dialsOf(kind: Kind): Promise<number> {
    const topic = freshTopic()
    const fragile = testnet.hyperswarm()
    let accepted = 0
    fragile.on('connection', (connection) => {
      if (++accepted <= 6) connection.end()
    })
    await fragile.join(topic, { client: false }).flushed()
    const swarm = testnet.make(kind, FAST)
    swarm.on('connection', (connection) => {
      connection.on('end', () => connection.end())
      connection.resume()
    })
    swarm.join(topic, { server: false })
    const key = hex(fragile.keyPair.publicKey)
    const isForgotten = () => accepted > 0 && !swarm.peers.has(key)
    if (kind === 'hyperswarm') await until('the peer to be forgotten', isForgotten)
    else await reaches(() => accepted >= 7, 60_000)
    return accepted
  }

  test('hyperswarm gives up', async () => {
    expect(await dialsOf('hyperswarm')).toBe(4)
  })

  test('Swarm keeps trying', async () => {
    expect(await dialsOf('swarmway')).toBe(7)
  })
})

describe('a borrowed node is destroyed by every swarm that used it, and keeps its listeners', () => {
  async function borrow(kind: Kind) {
    const node = testnet.node()
    await node.fullyBootstrapped()
    const events = ['network-change', 'network-update', 'close', 'ready', 'persistent']
    const count = () => events.map((event) => node.listenerCount(event))
    const before = count()
    const swarm = testnet.make(kind, { dht: node })
    await swarm.join(freshTopic()).flushed()
    await swarm.destroy()
    const left = count().reduce((sum, listeners, i) => sum + listeners - (before[i] ?? 0), 0)
    return { isDestroyed: node.destroyed, listenersLeft: left, serversLeft: node.listening.size }
  }

  test('hyperswarm destroys it', async () => {
    expect(await borrow('hyperswarm')).toEqual({ isDestroyed: true, listenersLeft: 2, serversLeft: 0 })
  })

  test('Swarm leaves it unchanged', async () => {
    expect(await borrow('swarmway')).toEqual({ isDestroyed: false, listenersLeft: 0, serversLeft: 0 })
  })
})

describe('a topic that is not 32 bytes fails silently', () => {
  test('hyperswarm says nothing', async () => {
    const swarm = testnet.hyperswarm()
    expect(await swarm.join(b4a.alloc(31)).flushed()).toBe(false)
  })

  test('Swarm throws a TypeError that names it', async () => {
    const swarm = testnet.swarm()
    for (const topic of [b4a.alloc(31), b4a.alloc(33), 'topic' as unknown as Uint8Array]) {
      expect(() => swarm.join(topic)).toThrow(TypeError)
      expect(() => swarm.join(topic)).toThrow(/^topic must be /)
      expect(() => swarm.status(topic)).toThrow(TypeError)
      await expect(swarm.leave(topic)).rejects.toThrow(TypeError)
    }
    expect([...swarm.topics()]).toEqual([])
  })
})

describe('the accepting side never learns the topic of a connection', () => {
  async function topicsAtAcceptingSide(kind: Kind, topic: Uint8Array): Promise<string[]> {
    const server = testnet.make(kind)
    const accepted = nextConnection(server)
    await server.join(topic, { client: false }).flushed()
    testnet.make(kind).join(topic, { server: false })
    const { info } = await accepted
    return info.topics.map(hex)
  }

  test('hyperswarm does not report it', async () => {
    expect(await topicsAtAcceptingSide('hyperswarm', freshTopic())).toEqual([])
  })

  test('Swarm reports it to peers that know the topic', async () => {
    const topic = freshTopic()
    expect(await topicsAtAcceptingSide('swarmway', topic)).toEqual([hex(topic)])
  })
})

describe('errors before a connection opens are swallowed', () => {
  async function eventsOfAHopelessDial(kind: Kind) {
    const swarm = testnet.make(kind)
    const events: [string, unknown][] = []
    const emit = swarm.emit.bind(swarm)
    swarm.emit = (event, ...args) => {
      events.push([event, args[0]])
      return emit(event, ...args)
    }
    const { publicKey } = HyperDHT.keyPair()
    swarm.joinPeer(publicKey)
    await until('the dial to fail', () => swarm.peers.get(hex(publicKey))?.attempts === 1)
    return { publicKey, events: events.filter(([event]) => event !== 'update') }
  }

  test('hyperswarm emits nothing', async () => {
    const { events } = await eventsOfAHopelessDial('hyperswarm')
    expect(events).toEqual([])
  })

  test('Swarm reports the peer, stage, code, attempt and time of the next attempt', async () => {
    const { events, publicKey } = await eventsOfAHopelessDial('swarmway')
    await until('the event', () => events.length > 0)
    expect(events.map(([event]) => event)).toEqual(['dial-error'])
    const failure = events[0]?.[1] as DialFailure
    expect(hex(failure.publicKey)).toBe(hex(publicKey))
    expect(failure).toMatchObject({ stage: 'find', code: 'PEER_NOT_FOUND', attempt: 1 })
    expect(failure.nextTryMs).toBeGreaterThan(0)
    expect(failure.error).toBeInstanceOf(Error)
  })
})

describe('simultaneous dials surface as connections that are opened and destroyed again', () => {
  /** The `connection` events on both sides of pairs that dial each other at the same moment. */
  async function eventsPerSide(kind: Kind, pairs: number): Promise<number[]> {
    const events: number[] = []
    for (let i = 0; i < pairs; i++) {
      const [dhtA, dhtB] = await testnet.readyNodes(2)
      const [keyPairA, keyPairB] = orderedKeyPairs()
      const a = testnet.make(kind, { dht: dhtA as never, keyPair: keyPairA })
      const b = testnet.make(kind, { dht: dhtB as never, keyPair: keyPairB })
      const counts = [countConnections(a), countConnections(b)]
      await Promise.all([a.listen(), b.listen()])
      a.joinPeer(b.keyPair.publicKey)
      b.joinPeer(a.keyPair.publicKey)
      await until('the pair to meet', () => a.connections.size === 1 && b.connections.size === 1)
      await Promise.all([a.flush(), b.flush()])
      const [ofA] = a.connections
      const [ofB] = b.connections
      // A connection that carries data has been kept by both sides.
      if (ofA !== undefined && ofB !== undefined) await carriesOrIsReplaced(a, b)
      events.push(...counts.map((count) => [...count.values()].reduce((sum, n) => sum + n, 0)))
    }
    return events
  }

  async function carriesOrIsReplaced(a: SwarmLike, b: SwarmLike): Promise<void> {
    const [ofA] = a.connections
    const [ofB] = b.connections
    const isSame = () => {
      const [nowA] = a.connections
      const [nowB] = b.connections
      return !!nowA?.handshakeHash && !!nowB?.handshakeHash && b4a.equals(nowA.handshakeHash, nowB.handshakeHash)
    }
    await until('both sides to hold the same connection', isSame)
    const [nowA] = a.connections
    const [nowB] = b.connections
    if (nowA === ofA && nowB === ofB && nowA && nowB) expect(await carries(nowA, nowB)).toBe(true)
  }

  test('hyperswarm shows connections that do not last', async () => {
    expect(await showsFault(async () => Math.max(...(await eventsPerSide('hyperswarm', 1))) > 1)).toBe(true)
  })

  test('Swarm emits one event per side', async () => {
    expect(await eventsPerSide('swarmway', 5)).toEqual(Array(10).fill(1))
  })
})

/** Like `until`, but checks between any two callbacks of the event loop. */
async function untilInTheSameTick(isMet: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  while (!isMet()) {
    if (performance.now() > deadlineMs) throw new Error('not met within a minute')
    await turn()
  }
}

/** Records the highest number of connections at any event. */
function watchMost(swarm: SwarmLike): { most: number } {
  const watch = { most: 0 }
  const look = () => {
    watch.most = Math.max(watch.most, swarm.connections.size)
  }
  swarm.on('connection', look)
  swarm.on('update', look)
  return watch
}
