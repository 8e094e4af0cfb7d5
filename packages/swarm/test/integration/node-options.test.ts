/** Options whose effect shows only on a real node. */
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
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
