/** Suspending, resuming and destroying swarms on real nodes, and options whose effect shows only on a real node. */
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { type Dht, type DhtServer, HyperDHT, hex, ignore, like, nextConnection, remoteOf, Testnet } from './support.js'

const testnet = Testnet.use()

/** A swarm that makes its own node. */
function ownNode(options: SwarmOptions = {}): Swarm & { readonly dht: Dht } {
  const swarm = new Swarm({ host: '127.0.0.1', bootstrap: testnet.bootstrap, ...options })
  onTestFinished(() => swarm.destroy())
  return swarm as Swarm & { readonly dht: Dht }
}

function isConnected(a: Swarm, b: Swarm): boolean {
  const has = (swarm: Swarm, other: Swarm) =>
    [...swarm.connections].some((c) => remoteOf(c) === hex(other.keyPair.publicKey))
  return has(a, b) && has(b, a)
}

const EVENTS = ['network-change', 'network-update', 'close', 'ready', 'persistent', 'suspend', 'resume']
const listeners = (node: Dht) => EVENTS.map((event) => node.listenerCount(event))

describe('suspend and resume', () => {
  test('close the connections, silence the node, and bring both back', async () => {
    const topic = freshTopic()
    const [a, b] = [ownNode({ backoffs: [50], jitter: 0 }), ownNode({ backoffs: [50], jitter: 0 })]
    await a.join(topic).flushed()
    b.join(topic)
    await until('the pair to meet', () => isConnected(a, b))

    await a.suspend()
    expect([a.suspended, a.dht.suspended, a.connections.size]).toEqual([true, true, 0])
    await until('the other side to notice', () => b.connections.size === 0)
    await expect(a.connect(b.keyPair.publicKey)).rejects.toMatchObject({ code: 'SUSPENDED' })
    expect(await a.flush()).toBe(false)

    await a.resume()
    expect([a.suspended, a.dht.suspended]).toEqual([false, false])
    await until('the pair to meet again', () => isConnected(a, b))
  })

  test('are reported step by step to the log function', async () => {
    const lines: string[] = []
    const swarm = ownNode()
    await swarm.listen()
    await swarm.suspend({ log: (line) => lines.push(line) })
    await swarm.resume({ log: (line) => lines.push(line) })
    expect(lines.at(0)).toBe('Suspending the server, topics and connections')
    expect(lines.at(-1)).toBe('Resumed')
    expect(lines).toContain('Suspended')
  })

  test('calls in quick succession end in the state asked for last', async () => {
    const topic = freshTopic()
    const [a, b] = [ownNode(), ownNode()]
    await b.join(topic).flushed()
    a.join(topic)
    await Promise.all([a.suspend(), a.resume(), a.suspend(), a.resume()])
    expect([a.suspended, a.dht.suspended]).toEqual([false, false])
    await until('the pair to meet', () => isConnected(a, b))
    await Promise.all([a.resume(), a.suspend(), a.resume(), a.suspend()])
    expect([a.suspended, a.dht.suspended, a.connections.size]).toEqual([true, true, 0])
    // HyperDHT takes four seconds to close a server on a sleeping node.
    await a.resume()
  })

  test('a topic joined while suspended is announced on resume', async () => {
    const topic = freshTopic()
    const [a, b] = [ownNode(), ownNode()]
    await a.suspend()
    a.join(topic, { client: false })
    await a.resume()
    expect(await a.flush()).toBe(true)
    b.join(topic, { server: false })
    await until('the pair to meet', () => isConnected(a, b))
  })
})

describe('two swarms on one borrowed node', () => {
  function shared() {
    const dht = testnet.node()
    return { dht, a: testnet.swarm({ dht }), b: testnet.swarm({ dht }), other: testnet.swarm() }
  }

  test('suspend it only when both are suspended', async () => {
    const { dht, a, b, other } = shared()
    await Promise.all([a.listen(), b.listen(), other.listen()])
    await a.suspend()
    expect(dht.suspended).toBe(false)
    await b.connect(other.keyPair.publicKey)
    await b.suspend()
    expect(dht.suspended).toBe(true)
    await a.resume()
    expect(dht.suspended).toBe(false)
    await a.connect(other.keyPair.publicKey)
    expect([a.connections.size, b.connections.size]).toEqual([1, 0])
  })

  test('one that resumes while the node is about to sleep finds it awake', async () => {
    // HyperDHT's resume does nothing while its suspend is still in progress, and the node then ends up asleep.
    const { dht, a, b, other } = shared()
    await Promise.all([a.listen(), b.listen(), other.listen()])
    await a.suspend()
    const { suspend } = dht
    let resumed: Promise<void> | null = null
    dht.suspend = (options) => {
      const suspended = suspend.call(dht, options)
      resumed ??= Promise.resolve().then(() => a.resume())
      return suspended
    }
    await b.suspend()
    await resumed
    expect(dht.suspended).toBe(false)
    await a.connect(other.keyPair.publicKey)
  })

  test('a swarm made on a node that others have suspended wakes it', async () => {
    const { dht, a, b, other } = shared()
    await other.listen()
    await Promise.all([a.suspend(), b.suspend()])
    expect(dht.suspended).toBe(true)
    const late = testnet.swarm({ dht })
    await late.connect(other.keyPair.publicKey)
    expect([a.connections.size, b.connections.size, late.connections.size]).toEqual([0, 0, 1])
  })

  // The second one's first `flushed` said that it had failed, and the next ones that all was well.
  test('with the same key: flushed of the second one is false each time it is asked, until the first is gone', async () => {
    const dht = testnet.node()
    const keyPair = HyperDHT.keyPair()
    const [first, second] = [testnet.swarm({ dht, keyPair }), testnet.swarm({ dht, keyPair })]
    expect(await first.join(freshTopic()).flushed()).toBe(true)
    const failures: unknown[] = []
    second.on('discovery-error', (failure) => failures.push(failure))
    const session = second.join(freshTopic())
    expect([await session.flushed(), await session.flushed(), await session.refresh()]).toEqual([false, false, false])
    expect(await session.flushed()).toBe(false)
    expect(failures.length).toBeGreaterThan(0)
    await first.destroy()
    expect([await session.refresh(), await session.flushed()]).toEqual([true, true])
  })

  test('find each other', async () => {
    const { a, b } = shared()
    const topic = freshTopic()
    a.join(topic)
    b.join(topic)
    await until('the pair to meet', () => isConnected(a, b))
  })

  test('one can be destroyed while the other stays', async () => {
    const { dht, a, b, other } = shared()
    await other.listen()
    await a.join(freshTopic()).flushed()
    await b.join(freshTopic()).flushed()
    await a.destroy()
    expect([dht.destroyed, dht.listening.size]).toEqual([false, 1])
    await b.connect(other.keyPair.publicKey)
    await other.connect(b.keyPair.publicKey)
  })

  test('forty cause no listener leak warning', async () => {
    const dht = testnet.node()
    await dht.fullyBootstrapped()
    const before = listeners(dht)
    // The test set-up fails this file on a MaxListenersExceededWarning.
    const swarms = Array.from({ length: 40 }, () => testnet.swarm({ dht }))
    await Promise.all(swarms.map((swarm) => swarm.listen()))
    await Promise.all(swarms.map((swarm) => swarm.destroy()))
    expect(listeners(dht)).toEqual(before)
    expect(dht.listening.size).toBe(0)
  })
})

describe('destroy', () => {
  test("destroys the swarm's own node", async () => {
    const swarm = ownNode()
    await swarm.join(freshTopic()).flushed()
    await swarm.destroy()
    expect([swarm.destroyed, swarm.dht.destroyed, swarm.connections.size]).toEqual([true, true, 0])
  })

  test('leaves a borrowed node unchanged', async () => {
    const dht = testnet.node()
    await dht.fullyBootstrapped()
    const before = listeners(dht)
    const [swarm, other] = [testnet.swarm({ dht }), testnet.swarm()]
    const topic = freshTopic()
    await swarm.join(topic).flushed()
    other.join(topic)
    await until('the pair to meet', () => isConnected(swarm, other))
    await swarm.suspend()
    await swarm.resume()
    await swarm.destroy()
    expect(dht.destroyed).toBe(false)
    expect(listeners(dht)).toEqual(before)
    expect(dht.listening.size).toBe(0)

    const next = testnet.swarm({ dht })
    await other.listen()
    await next.connect(other.keyPair.publicKey)
  })

  test('withdraws what was announced, unless it is forced', async () => {
    const [politeTopic, forcedTopic] = [freshTopic(), freshTopic()]
    const [polite, forced] = [ownNode(), ownNode()]
    await Promise.all([polite.join(politeTopic).flushed(), forced.join(forcedTopic).flushed()])
    expect([await announced(politeTopic), await announced(forcedTopic)]).toEqual([1, 1])
    await Promise.all([polite.destroy(), forced.destroy({ force: true })])
    expect(forced.dht.destroyed).toBe(true)
    expect([await announced(politeTopic), await announced(forcedTopic)]).toEqual([0, 1])
  })

  test('closes connections on both sides', async () => {
    const [a, b] = [ownNode(), ownNode()]
    await b.listen()
    await a.connect(b.keyPair.publicKey)
    await until('the accepting side', () => b.connections.size === 1)
    await a.destroy()
    await until('the other side to notice', () => b.connections.size === 0)
  })

  test('while dials, announces and lookups are under way, leaves nothing behind', async () => {
    const dht = testnet.node()
    const before = listeners(dht)
    const swarm = testnet.swarm({ dht })
    for (let i = 0; i < 30; i++) swarm.join(freshTopic())
    const call = swarm.connect(HyperDHT.keyPair().publicKey)
    const rejected = expect(call).rejects.toMatchObject({ code: 'DESTROYED' })
    await swarm.destroy()
    await rejected
    expect(listeners(dht)).toEqual(before)
    expect(() => swarm.join(freshTopic())).toThrow(expect.objectContaining({ code: 'DESTROYED' }))
    expect(swarm.stats.queries.inFlight).toBe(0)
  })

  test('happens at the end of a block with `await using`', async () => {
    const topic = freshTopic()
    const seen: Swarm[] = []
    {
      await using swarm = new Swarm({ host: '127.0.0.1', bootstrap: testnet.bootstrap })
      seen.push(swarm)
      {
        await using session = swarm.join(topic)
        await session.flushed()
        expect(swarm.status(topic)).not.toBeNull()
      }
      expect(swarm.status(topic)).toBeNull()
      expect(await announced(topic)).toBe(0)
    }
    expect(seen[0]?.destroyed).toBe(true)
    expect(seen[0]?.dht.destroyed).toBe(true)
  })
})

describe('a change of the network', () => {
  test('looks up every topic again, and probes every connection', async () => {
    const topic = freshTopic()
    const [a, b] = [ownNode(), ownNode()]
    await a.join(topic).flushed()
    b.join(topic)
    await until('the pair to meet', () => isConnected(a, b))
    const { total, relookups } = a.stats.queries
    const probes = probesOf(a)
    a.dht.emit('network-change')
    await until('a fresh query', () => a.stats.queries.total - a.stats.queries.relookups > total - relookups)
    expect(probes()).toBe(1)
  })

  test('coming online counts as one', async () => {
    const swarm = ownNode()
    await swarm.join(freshTopic()).flushed()
    const full = () => swarm.stats.queries.total - swarm.stats.queries.relookups
    const before = full()
    swarm.dht.emit('network-update')
    Object.assign(swarm.dht, { online: false })
    swarm.dht.emit('network-update')
    expect(full()).toBe(before)
    Object.assign(swarm.dht, { online: true })
    swarm.dht.emit('network-update')
    await until('a fresh query', () => full() === before + 1)
  })

  test('is ignored while suspended', async () => {
    const swarm = ownNode()
    await swarm.join(freshTopic()).flushed()
    await swarm.suspend()
    const { total } = swarm.stats.queries
    swarm.dht.emit('network-change')
    await swarm.resume()
    await swarm.flush()
    expect(swarm.stats.queries.total).toBe(total + 1)
  })

  function probesOf(swarm: Swarm): () => number {
    let probes = 0
    for (const connection of swarm.connections) {
      const { sendKeepAlive } = connection
      connection.sendKeepAlive = () => {
        probes++
        sendKeepAlive.call(connection)
      }
    }
    return () => probes
  }
})

describe('by key, without a topic', () => {
  test('a peer that listens is reached, one that does not is not', async () => {
    const [listening, silent, dialler] = [ownNode(), ownNode(), ownNode()]
    await listening.listen()
    const met = nextConnection(like(listening))
    const connection = await dialler.connect(listening.keyPair.publicKey)
    expect(remoteOf(connection)).toBe(hex(listening.keyPair.publicKey))
    expect(remoteOf((await met).connection)).toBe(hex(dialler.keyPair.publicKey))
    expect((await met).info.topics).toEqual([])
    await expect(dialler.connect(silent.keyPair.publicKey)).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
  })
})

describe('options', () => {
  test('bootstrap: the DHT that the node joins, as objects or strings', async () => {
    const strings = testnet.bootstrap.map(({ host, port }) => `${host}:${port}`)
    const [a, b] = [ownNode(), ownNode({ bootstrap: strings })]
    await b.listen()
    await a.connect(b.keyPair.publicKey)
  })

  test('nodes: known nodes can replace bootstrap nodes', async () => {
    const server = ownNode()
    await server.listen()
    const nodes = testnet.nodes.map((node) => node.address())
    const swarm = ownNode({ bootstrap: [], nodes })
    await swarm.connect(server.keyPair.publicKey)
  })

  test('port and host: what the node binds', async () => {
    const port = await freePort()
    const swarm = ownNode({ port })
    await swarm.dht.fullyBootstrapped()
    const bound = serverAddress(swarm.dht)
    expect(bound).toMatchObject({ host: '127.0.0.1', port })

    const range = ownNode({ port: [port, port + 2] as const })
    await range.dht.fullyBootstrapped()
    expect(serverAddress(range.dht).port).toBe(port + 1)
  })

  test('deferRandomPunch and randomPunchInterval: the node paces its punching by them', () => {
    const swarm = ownNode({ deferRandomPunch: true, randomPunchInterval: 1234 })
    expect(swarm.dht._deferRandomPunch).toBe(true)
    expect(swarm.dht._randomPunchInterval).toBe(1234)
    const plain = ownNode()
    expect([plain.dht._deferRandomPunch, plain.dht._randomPunchInterval]).toEqual([false, 20_000])
  })

  test('handshakeClearWait: how long a handshake is remembered', async () => {
    const swarm = ownNode({ handshakeClearWait: 30, firewall: () => true })
    await swarm.listen()
    const server = swarm.server as DhtServer & { _connects: Map<string, unknown> }
    expect(server.handshakeClearWait).toBe(30)
    const dial = testnet.node().connect(swarm.keyPair.publicKey)
    dial.on('error', ignore)
    await until('the handshake', () => server._connects.size === 1)
    dial.destroy()
    await until('the handshake to be forgotten', () => server._connects.size === 0)
  })

  test('keyPair and seed: the identity of the swarm', async () => {
    const keyPair = HyperDHT.keyPair()
    const [byKeyPair, bySeed] = [ownNode({ keyPair }), ownNode({ seed: b4a.alloc(32, 9) })]
    await Promise.all([byKeyPair.listen(), bySeed.listen()])
    const met = nextConnection(like(bySeed))
    const connection = await byKeyPair.connect(HyperDHT.keyPair(b4a.alloc(32, 9)).publicKey)
    expect(hex(connection.publicKey)).toBe(hex(keyPair.publicKey))
    expect(remoteOf((await met).connection)).toBe(hex(keyPair.publicKey))
  })

  test('maxParallel: dials in progress', async () => {
    const topic = freshTopic()
    const servers = (await testnet.readyNodes(8)).map((dht) => testnet.swarm({ dht }))
    await Promise.all(servers.map((server) => server.join(topic, { client: false }).flushed()))
    const swarm = ownNode({ maxParallel: 2 })
    let most = 0
    swarm.on('update', () => {
      most = Math.max(most, swarm.connecting)
    })
    swarm.join(topic, { server: false })
    await until('all to be connected', () => swarm.connections.size === 8)
    expect(most).toBe(2)
  })

  test('dialTimeoutMs: a dial that gets no answer', async () => {
    const deaf = ownNode({ firewall: () => true })
    await deaf.listen()
    const swarm = ownNode({ dialTimeoutMs: 100 })
    await expect(swarm.connect(deaf.keyPair.publicKey)).rejects.toMatchObject({ code: 'DIAL_TIMEOUT' })
    expect(swarm.stats.dials).toEqual({ DIAL_TIMEOUT: 1 })
  })

  test('firewall and firewallTimeoutMs: it may be slow, up to a limit', async () => {
    const answers = [true, false]
    const slow = ownNode({
      firewallTimeoutMs: 200,
      firewall: () => {
        const refuses = answers.shift()
        // The third one is never answered.
        return new Promise((resolve) => refuses !== undefined && setTimeout(resolve, 20, refuses))
      }
    })
    await slow.listen()
    const dial = (options: SwarmOptions = {}) => ownNode(options).connect(slow.keyPair.publicKey)
    const refused = dial({ dialTimeoutMs: 1000 })
    await expect(refused).rejects.toMatchObject({ code: 'DIAL_TIMEOUT' })
    await dial()
    const unanswered = dial({ dialTimeoutMs: 1000 })
    await expect(unanswered).rejects.toMatchObject({ code: 'DIAL_TIMEOUT' })
    expect(slow.stats.firewallRefusals).toBe(2)
    expect(slow.connections.size).toBe(1)
  })

  test('topicProofs: when off, the accepting side learns no topic', async () => {
    const topic = freshTopic()
    const server = ownNode()
    await server.join(topic, { client: false }).flushed()
    const met = nextConnection(like(server))
    const dialler = ownNode({ topicProofs: false })
    const dialled = nextConnection(like(dialler))
    dialler.join(topic, { server: false })
    expect((await met).info.topics).toEqual([])
    expect((await dialled).info.topics.map(hex)).toEqual([hex(topic)])
  })
})

/** The number of peers of `topic` that the DHT knows. */
async function announced(topic: Uint8Array): Promise<number> {
  const found = new Set<string>()
  for await (const { peers } of testnet.node().lookup(topic)) for (const peer of peers) found.add(hex(peer.publicKey))
  return found.size
}

function serverAddress(node: Dht): { host: string; port: number } {
  return (
    node as unknown as { io: { serverSocket: { address(): { host: string; port: number } } } }
  ).io.serverSocket.address()
}

/** A UDP port that was free a moment ago, as was the next one. */
async function freePort(): Promise<number> {
  const { createSocket } = await import('node:dgram')
  for (;;) {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const
    const bind = (socket: (typeof sockets)[0], port: number) =>
      new Promise<boolean>((resolve) => {
        socket.once('error', () => resolve(false))
        socket.bind(port, '127.0.0.1', () => resolve(true))
      })
    await bind(sockets[0], 0)
    const { port } = sockets[0].address()
    const isFree = await bind(sockets[1], port + 1)
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
    if (isFree) return port
  }
}
