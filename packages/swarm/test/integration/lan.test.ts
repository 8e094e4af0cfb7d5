/**
 * Peers on the local network without a bootstrap node: on the loopback interface, and, if root is available, between
 * hosts (network namespaces) that have no way out.
 */
import { createSocket } from 'node:dgram'
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { type LabPeer, LanLab } from './lan-lab.js'
import { carries, hex, ignore, like, nextConnection, Testnet } from './support.js'

/**
 * A separate port and group, so that nothing else on this machine takes part: two ports for each process, below those
 * that systems give out.
 */
const PORT = 20_000 + 2 * (process.pid % 6000)
const LAN = { multicastPort: PORT, multicastAddress: '239.255.77.1' }

function createSwarm(options: SwarmOptions = {}): Swarm {
  const swarm = new Swarm({ bootstrap: [], host: '127.0.0.1', lan: LAN, ...options })
  swarm.on('connection', (connection) => connection.on('error', ignore))
  onTestFinished(() => swarm.destroy({ force: true }))
  return swarm
}

describe('on one host, without any DHT', () => {
  it('two swarms find each other and connect, and know that both are local', async () => {
    const topic = freshTopic()
    const [first, second] = [createSwarm(), createSwarm()]
    const opened = Promise.all([nextConnection(like(first)), nextConnection(like(second))])
    first.join(topic)
    second.join(topic)
    const [one, two] = await opened
    expect([first, second].map(({ peers }) => [...peers.values()].map(({ local }) => local))).toEqual([[true], [true]])
    expect(one.info.topics.map(hex)).toEqual([hex(topic)])
    expect(await carries(one.connection, two.connection)).toBe(true)
  })

  it('a peer that only accepts knows that the other one is local', async () => {
    const topic = freshTopic()
    const [server, client] = [createSwarm(), createSwarm()]
    server.join(topic, { client: false })
    await server.flush()
    const opened = nextConnection(like(server))
    client.join(topic, { server: false })
    await opened
    expect([...server.peers.values()].map(({ local }) => local)).toEqual([true])
  })

  it('swarms without the option or on another topic find nobody', async () => {
    const topic = freshTopic()
    const [first, second, third] = [createSwarm(), createSwarm({ lan: false }), createSwarm()]
    first.join(topic)
    second.join(topic)
    third.join(freshTopic())
    await Promise.all([first.flush(), third.flush()])
    expect([first, second, third].map(({ peers }) => peers.size)).toEqual([0, 0, 0])
  })

  it('five swarms make ten connections', async () => {
    const topic = freshTopic()
    const swarms = Array.from({ length: 5 }, () => createSwarm())
    let opened = 0
    for (const swarm of swarms) {
      swarm.on('connection', () => opened++)
      swarm.join(topic)
    }
    await until('a full mesh', () => swarms.every(({ connections }) => connections.size === 4))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(opened).toBe(20)
  })

  it('joins, flushes and dials do not wait for a DHT that does not answer', async () => {
    const topic = freshTopic()
    // Nobody is there; a request takes seconds to fail.
    const bootstrap = [{ host: '127.0.0.1', port: 9 }]
    const [first, second] = [createSwarm({ bootstrap }), createSwarm({ bootstrap })]
    const nodes = [first, second].map(({ dht }) => dht as typeof dht & { readonly bootstrapped: boolean })
    first.join(topic)
    second.join(topic)
    expect(await Promise.all([first.flush(), second.flush()])).toEqual([true, true])
    expect([first.connections.size, second.connections.size]).toEqual([1, 1])
    expect(nodes.map(({ bootstrapped }) => bootstrapped)).toEqual([false, false])
    await Promise.all([first.destroy(), second.destroy()])
  })

  it('a suspended swarm neither is found nor looks, and does both again when resumed', async () => {
    const topic = freshTopic()
    const [first, second] = [createSwarm(), createSwarm()]
    first.join(topic)
    await first.flush()
    await first.suspend()
    second.join(topic)
    await second.flush()
    expect([first.peers.size, second.peers.size]).toEqual([0, 0])
    const opened = nextConnection(like(second))
    await first.resume()
    await opened
    await second.suspend()
    await second.resume()
    await until('the connection to be back', () => second.connections.size === 1 && first.connections.size === 1)
  })

  it('destroying leaves no socket and no timer, at once or later', async () => {
    const handles = () => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length
    const before = handles()
    const swarms = [0, 0, 5, 100].map((delayMs) => ({ swarm: createSwarm(), delayMs }))
    for (const { swarm, delayMs } of swarms) {
      swarm.join(freshTopic())
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
      await swarm.destroy()
    }
    expect(handles()).toBe(before)
  })

  it('a port in exclusive use by another program causes no error, and is used when it becomes free', async () => {
    const port = PORT + 1
    const keeper = createSocket({ type: 'udp4' })
    await new Promise<void>((resolve) => keeper.bind(port, () => resolve()))
    const topic = freshTopic()
    const lan = { ...LAN, multicastPort: port }
    const [first, second] = [createSwarm({ lan }), createSwarm({ lan })]
    first.join(topic)
    second.join(topic)
    await Promise.all([first.flush(), second.flush()])
    expect(first.peers.size + second.peers.size).toBe(0)
    await new Promise<void>((resolve) => keeper.close(() => resolve()))
    await until('them to find each other', () => first.connections.size === 1 && second.connections.size === 1)
  })

  it('needs a HyperDHT node', () => {
    const dht = { connect: ignore, createServer: ignore, lookup: ignore, announce: ignore, on: ignore } as never
    expect(() => new Swarm({ dht, lan: true })).toThrow(/lan must be left out/)
  })
})

describe('with a DHT', () => {
  const testnet = Testnet.use(3)

  it('a peer found through both the DHT and the local network gets one connection', async () => {
    const topic = freshTopic()
    const { bootstrap } = testnet
    const [first, second] = [createSwarm({ bootstrap }), createSwarm({ bootstrap })]
    let opened = 0
    for (const swarm of [first, second]) swarm.on('connection', () => opened++)
    first.join(topic)
    await first.flush()
    second.join(topic)
    expect(await second.flush()).toBe(true)
    await until('a connection', () => first.connections.size === 1 && second.connections.size === 1)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const info = [...second.peers.values()][0]
    expect(opened).toBe(2)
    expect(info?.local).toBe(true)
    // Its local address, and the addresses it has announced.
    expect(info?.relayAddresses?.length).toBeGreaterThan(1)
  })

  it('a borrowed node works too, and peers off the local network are still found', async () => {
    const topic = freshTopic()
    const borrowed = createSwarm({ dht: testnet.node(), lan: { ...LAN, interface: '127.0.0.1' } })
    const far = testnet.swarm()
    const opened = nextConnection(like(borrowed))
    far.join(topic)
    borrowed.join(topic)
    await opened
    const near = createSwarm({ bootstrap: [] })
    near.join(topic)
    await until('the neighbour', () => near.connections.size === 1)
    expect([...near.connections][0]?.remotePublicKey).toEqual(borrowed.keyPair.publicKey)
  })
})

const obstacle = LanLab.obstacle()
if (obstacle !== null) console.warn(`skipped: between hosts (${obstacle})`)

describe.skipIf(obstacle !== null)('between hosts, without any way out', () => {
  let lab: LanLab
  const peers: LabPeer[] = []
  beforeAll(() => {
    lab = new LanLab(3)
  })
  afterAll(async () => {
    for (const peer of peers) await peer.end()
    lab?.destroy()
  })

  /** With the public bootstrap nodes, which cannot be reached. */
  function start(host: number, topic: string): LabPeer {
    const peer = lab.peer(host, topic, { lan: true })
    peers.push(peer)
    return peer
  }

  it('find each other once, as local peers, flush, end on their own, and survive a pulled cable', async () => {
    const topic = hex(freshTopic())
    const all = [start(1, topic), start(2, topic), start(3, topic)]
    await until('all to have flushed', () => all.every((peer) => peer.of('flushed').length === 1)).catch((error) => {
      throw new Error(`${error.message} ${all.map((peer) => JSON.stringify(peer.lines) + peer.errors)}`)
    })
    await until('a full mesh', () => all.every((peer) => peer.of('connection').length === 2))
    for (const peer of all) expect(peer.of('connection').every(({ local }) => local)).toBe(true)
    lab.plug(3, false)
    expect(await all[1]?.end()).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 7000))
    lab.plug(3, true)
    const late = start(2, topic)
    await until('the late one to find the host that came back', () => late.of('connection').length === 2)
    for (const peer of [all[0], all[2], late]) expect(await peer?.end()).toBe(0)
  })
})
