/** Suspending, resuming and destroying swarms on real nodes. */
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { type Dht, HyperDHT, hex, like, nextConnection, remoteOf, Testnet } from './support.js'

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

/** The number of peers of `topic` that the DHT knows. */
async function announced(topic: Uint8Array): Promise<number> {
  const found = new Set<string>()
  for await (const { peers } of testnet.node().lookup(topic)) for (const peer of peers) found.add(hex(peer.publicKey))
  return found.size
}
