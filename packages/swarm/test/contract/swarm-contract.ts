/**
 * The behaviour that every implementation of a swarm has: over HyperDHT, and over a proxy on any kind of link. An
 * implementation's test file calls {@link describeSwarmContract} with a way to make swarms that can reach each other.
 * A test that an implementation cannot pass is skipped by name, with the reason.
 */
import b4a from 'b4a'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { Connection } from '../../src/network/connection.js'
import type { PeerInfo } from '../../src/peers/peer-info.js'
import type { CoreOptions } from '../../src/swarm/options.js'
import type { SwarmCore } from '../../src/swarm/swarm-core.js'
import type { JoinOptions } from '../../src/swarm/swarm-types.js'
import { randomBytes } from '../support/random-bytes.js'

const TRANSFER_BYTES = 5 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024
const SIMULTANEOUS_PEERS = 4

/** Options that every implementation supports. */
export type ContractOptions = Omit<CoreOptions, 'clock'>

/** A network for one suite; its swarms can reach each other and no other swarm. */
export interface ContractNetwork {
  createSwarm(options?: ContractOptions): SwarmCore | Promise<SwarmCore>
  /** Called after all swarms are destroyed. */
  destroy(): Promise<void>
}

/** Names of tests that do not apply, each with the reason. */
export type Skips = Record<string, string>

/** A swarm with a record of its `connection` events. */
interface Peer {
  readonly swarm: SwarmCore
  readonly key: Uint8Array
  readonly shown: Array<{ connection: Connection; info: PeerInfo }>
}

/** Tests of one platform, on two connected peers of the suite. */
export type MoreTests = (
  it: (title: string, run: () => Promise<void>) => void,
  createPair: () => Promise<{ near: Connection; far: Connection }>
) => void

export function describeSwarmContract(
  name: string,
  createNetwork: () => Promise<ContractNetwork>,
  skips: Skips = {},
  addTests: MoreTests = () => {}
): void {
  describe(`a swarm: ${name}`, () => {
    let network: ContractNetwork | null = null
    beforeAll(async () => {
      network = await createNetwork()
    })
    afterAll(() => network?.destroy())

    async function createPeer(options: ContractOptions = {}): Promise<Peer> {
      if (network === null) throw new Error('no network')
      const swarm = await network.createSwarm({ backoffs: [50, 100, 200, 1000], jitter: 10, ...options })
      onTestFinished(() => swarm.destroy())
      const shown: Peer['shown'] = []
      swarm.on('connection', (connection, info) => {
        connection.on('error', ignore)
        shown.push({ connection, info })
      })
      return { swarm, key: swarm.keyPair.publicKey, shown }
    }

    async function createPeers(howMany: number, options: ContractOptions = {}): Promise<Peer[]> {
      return Promise.all(Array.from({ length: howMany }, () => createPeer(options)))
    }

    /** A peer that has been announced on a new topic. */
    async function createServer(options: ContractOptions = {}, mode: JoinOptions = {}) {
      const topic = randomBytes(32)
      const server = await createPeer(options)
      await server.swarm.join(topic, { client: false, ...mode }).flushed()
      return { topic, server }
    }

    /** Two connected peers and both ends of their connection. */
    async function createPair(options: ContractOptions = {}) {
      const { topic, server } = await createServer()
      const client = await createPeer(options)
      client.swarm.join(topic, { server: false })
      const [near, far] = await Promise.all([connectionOf(client), connectionOf(server)])
      return { topic, client, server, near, far }
    }

    const it = (title: string, run: () => Promise<void>) => test.skipIf(title in skips)(title, run)

    it('joins, finds, connects, and echoes both ways', async () => {
      const { near, far } = await createPair()
      for (const [from, to] of [
        [near, far],
        [far, near]
      ] as const) {
        const received = firstData(to)
        from.write(b4a.from('hello'))
        expect(b4a.toString(await received)).toBe('hello')
      }
      expect([near.isInitiator, far.isInitiator]).toEqual([true, false])
      expect(b4a.equals(near.remotePublicKey, far.publicKey)).toBe(true)
      expect(b4a.equals(near.handshakeHash ?? b4a.alloc(0), far.handshakeHash ?? b4a.alloc(1))).toBe(true)
    })

    // hyperswarm shows an accepted connection before it is open; here it is open, and the event came too early.
    it('emits open on the accepting side, as programs written for hyperswarm expect', async () => {
      const { topic, server } = await createServer()
      const opened = new Promise<boolean>((resolve) => {
        server.swarm.on('connection', (connection) => connection.on('open', () => resolve(connection.connected)))
      })
      const client = await createPeer()
      client.swarm.join(topic, { server: false })
      expect(await opened).toBe(true)
    })

    // Callbacks and encodings were ignored: what waited for one waited for ever.
    it('takes the callbacks and encodings of a stream of Node', async () => {
      const { near, far } = await createPair()
      const received = firstData(far)
      expect(await new Promise((resolve) => near.write('68656c6c6f', 'hex', resolve))).toBeNull()
      const bytes = await received
      expect(b4a.toString(bytes)).toBe('hello')
      expect(b4a.isBuffer(bytes)).toBe(true)
      const late = new Promise((resolve) => near.write('never', resolve))
      near.destroy()
      expect(await late).toMatchObject({ code: 'CONNECTION_CLOSED' })
      expect(far.isPaused()).toBe(false)
    })

    addTests(it, createPair)

    it('tells both sides the topic', async () => {
      const { topic, client, server } = await createPair()
      for (const { shown } of [client, server]) {
        expect(shown[0]?.info.topics.map((known) => b4a.toString(known, 'hex'))).toEqual([b4a.toString(topic, 'hex')])
      }
      expect([client.shown[0]?.info.client, server.shown[0]?.info.server]).toEqual([true, true])
    })

    it('is found only if it announces, and finds only if it looks up', async () => {
      const { topic, server } = await createServer()
      const [client, otherServer] = await createPeers(2)
      if (!client || !otherServer) return expect.unreachable()
      await otherServer.swarm.join(topic, { client: false }).flushed()
      client.swarm.join(topic, { server: false })
      await until('both servers connected', () => client.swarm.connections.size === 2)
      await Promise.all([connectionOf(server), connectionOf(otherServer)])
      expect(await otherServer.swarm.flush()).toBe(true)
      expect([server.swarm.connections.size, otherServer.swarm.connections.size]).toEqual([1, 1])
      expect([client.swarm.status(topic)?.isServer, server.swarm.status(topic)?.isClient]).toEqual([false, false])
    })

    it('joins a peer by its key, without a topic, and redials it until it is left', async () => {
      const [server, client] = await createPeers(2)
      if (!server || !client) return expect.unreachable()
      await server.swarm.listen()
      client.swarm.joinPeer(server.key)
      const first = await connectionOf(client)
      first.destroy()
      await until('a second connection', () => client.shown.length === 2)
      client.swarm.leavePeer(server.key)
      for (const connection of client.swarm.connections) connection.destroy()
      await until('all closed', () => client.swarm.connections.size === 0 && server.swarm.connections.size === 0)
      expect(client.swarm.peers.size).toBe(0)
    })

    it('connects to a key once for simultaneous calls', async () => {
      const [server, client] = await createPeers(2)
      if (!server || !client) return expect.unreachable()
      await server.swarm.listen()
      const [one, other] = await Promise.all([client.swarm.connect(server.key), client.swarm.connect(server.key)])
      expect(one).toBe(other)
      expect(client.shown.map(({ connection }) => connection)).toEqual([one])
    })

    it('rejects connect to an unknown key, with a code', async () => {
      const client = await createPeer()
      await expect(client.swarm.connect(randomBytes(32))).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
      expect(client.swarm.stats.dials).toEqual({ PEER_NOT_FOUND: 1 })
    })

    it('is no longer found on a topic that it has left', async () => {
      const { topic, server } = await createServer()
      await server.swarm.leave(topic)
      expect(server.swarm.status(topic)).toBeNull()
      const client = await createPeer()
      await client.swarm.join(topic, { server: false }).flushed()
      expect(await client.swarm.flush()).toBe(true)
      expect(client.swarm.connections.size).toBe(0)
    })

    it('keeps connections on leave, and closes them on leave with close', async () => {
      const { topic, client, near, far } = await createPair()
      await client.swarm.leave(topic)
      expect(near.destroying).toBe(false)
      client.swarm.join(topic, { server: false })
      await client.swarm.leave(topic, { close: true })
      expect(near.destroyed).toBe(true)
      await closed(far)
    })

    it('flushes: every peer that had announced before is then connected', async () => {
      const { topic } = await createServer()
      const client = await createPeer()
      client.swarm.join(topic, { server: false })
      expect(await client.swarm.flush()).toBe(true)
      expect(client.swarm.connections.size).toBe(1)
    })

    it('is silent while suspended, and comes back', async () => {
      const { client, server, near } = await createPair()
      await client.swarm.suspend()
      expect([near.destroyed, client.swarm.connections.size]).toEqual([true, 0])
      expect(await client.swarm.flush()).toBe(false)
      await expect(client.swarm.connect(server.key)).rejects.toMatchObject({ code: 'SUSPENDED' })
      await client.swarm.resume()
      await until('connected again', () => client.shown.length === 2 && server.shown.length === 2)
    })

    it('is found again after its own suspension', async () => {
      const { client, server } = await createPair()
      await server.swarm.suspend()
      await until('the connection closed', () => client.swarm.connections.size === 0)
      await server.swarm.resume()
      await until('connected again', () => client.swarm.connections.size === 1 && server.swarm.connections.size === 1)
    })

    it('does not let a banned peer in, until the ban ends', async () => {
      const { server } = await createServer()
      const client = await createPeer()
      const connection = await client.swarm.connect(server.key)
      await connectionOf(server)
      const info = server.shown[0]?.info
      info?.ban()
      connection.destroy()
      await until('closed', () => server.swarm.connections.size === 0)
      await expectRefusal(client, server)
      expect(server.swarm.stats.bannedPeers).toBe(1)
      info?.ban(false)
      await client.swarm.connect(server.key)
    })

    it('refuses a peer that the firewall refuses, and asks again next time', async () => {
      let isOpen = false
      const seen: string[] = []
      const firewall = async (key: Uint8Array) => {
        seen.push(b4a.toString(key, 'hex'))
        return !isOpen
      }
      const { server } = await createServer({ firewall })
      const client = await createPeer()
      await expectRefusal(client, server)
      isOpen = true
      await client.swarm.connect(server.key)
      expect(new Set(seen)).toEqual(new Set([b4a.toString(client.key, 'hex')]))
      expect(server.swarm.stats.bannedPeers).toBe(0)
    })

    it('enforces maxServerConnections', async () => {
      const { server } = await createServer({ maxServerConnections: 2 })
      const most = watchMost(server)
      const clients = await createPeers(5)
      const outcomes = await Promise.allSettled(clients.map(({ swarm }) => swarm.connect(server.key)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
      expect(server.swarm.stats.limitRefusals).toBe(3)
      await until('two connections', () => server.swarm.connections.size === 2)
      expect(most()).toBe(2)
    })

    it('enforces maxPeers both ways, except for peers asked for by key', async () => {
      const { topic, server } = await createServer()
      const [client, dialler] = [await createPeer({ maxPeers: 1 }), await createPeer()]
      const most = watchMost(client)
      await client.swarm.listen()
      client.swarm.join(topic, { server: false })
      await connectionOf(client)
      await expect(dialler.swarm.connect(client.key)).rejects.toMatchObject({ code: 'REMOTE_FULL' })
      expect(most()).toBe(1)
      const third = await createPeer()
      await third.swarm.listen()
      await client.swarm.connect(third.key)
      expect([client.swarm.connections.size, server.swarm.connections.size]).toEqual([2, 1])
    })

    it("enforces a topic's limit", async () => {
      const topic = randomBytes(32)
      const servers = await createPeers(4)
      await Promise.all(servers.map(({ swarm }) => swarm.join(topic, { client: false }).flushed()))
      const client = await createPeer()
      const most = watchMost(client)
      client.swarm.join(topic, { server: false, limit: 2 })
      expect(await client.swarm.flush()).toBe(true)
      await until('two connections', () => client.swarm.connections.size === 2)
      expect(most()).toBe(2)
    })

    it('shows exactly one connection per pair and side when all dial all at once', async () => {
      const peers = await createPeers(SIMULTANEOUS_PEERS)
      await Promise.all(peers.map(({ swarm }) => swarm.listen()))
      for (const { swarm } of peers) for (const { key } of peers) swarm.joinPeer(key)
      const others = SIMULTANEOUS_PEERS - 1
      await until('a full mesh', () => peers.every(({ swarm }) => swarm.connections.size === others))
      await Promise.all(peers.map(({ swarm }) => swarm.flush()))
      for (const { swarm, shown } of peers) {
        expect(shown, 'connection events').toHaveLength(others)
        expect(swarm.connections.size).toBe(others)
        expect(shown.every(({ connection }) => !connection.destroying)).toBe(true)
      }
    })

    it('shows exactly one connection per pair and side when all join a topic at once', async () => {
      const topic = randomBytes(32)
      const peers = await createPeers(SIMULTANEOUS_PEERS)
      for (const { swarm } of peers) swarm.join(topic)
      const others = SIMULTANEOUS_PEERS - 1
      await until('a full mesh', () => peers.every(({ swarm }) => swarm.connections.size === others))
      for (const { shown } of peers) expect(shown).toHaveLength(others)
    })

    it('ends one direction at a time', async () => {
      const { near, far } = await createPair()
      near.end(b4a.from('last words'))
      expect(b4a.toString(await readAll(far))).toBe('last words')
      const answer = readAll(near)
      far.end(b4a.from('answer'))
      expect(b4a.toString(await answer)).toBe('answer')
      await Promise.all([closed(near), closed(far)])
    })

    it('shows the other side that a connection was destroyed with an error', async () => {
      const { client, server, near, far } = await createPair()
      const failed = new Promise<Error>((resolve) => far.once('error', resolve))
      near.destroy(new Error('on purpose'))
      expect(await failed).toHaveProperty('code')
      await Promise.all([closed(near), closed(far)])
      await until('both know', () => server.swarm.stats.connects.server.closed === 1)
      expect(client.swarm.stats.connects.client.closed).toBe(1)
    })

    it('carries 5 MB whole, and makes the writer wait for the transport', async () => {
      const { near, far } = await createPair()
      const data = randomBytes(TRANSFER_BYTES)
      const arrived = readAll(far)
      let waits = 0
      for (let at = 0; at < data.byteLength; at += CHUNK_BYTES) {
        if (near.write(data.subarray(at, at + CHUNK_BYTES))) continue
        waits++
        await new Promise<void>((resolve) => near.once('drain', resolve))
      }
      near.end()
      expect(b4a.equals(await arrived, data)).toBe(true)
      expect(waits).toBeGreaterThan(0)
      far.end()
    })

    it('destroys: closes everything, emits nothing more, and refuses further use with a code', async () => {
      const { topic, client, server, far } = await createPair()
      const destroyed = client.swarm.destroy()
      expect(client.swarm.destroy()).toBe(destroyed)
      for (const event of ['connection', 'update', 'ban', 'dial-error'] as const) {
        client.swarm.on(event, () => expect.unreachable(`${event} after destroy`))
      }
      await destroyed
      await closed(far)
      expect([client.swarm.destroyed, client.swarm.connections.size, client.swarm.connecting]).toEqual([true, 0, 0])
      const refusal = expect.objectContaining({ code: 'DESTROYED' })
      expect(() => client.swarm.join(topic)).toThrowError(refusal)
      await expect(client.swarm.listen()).rejects.toThrowError(refusal)
      await expect(client.swarm.connect(server.key)).rejects.toThrowError(refusal)
      expect(await client.swarm.flush()).toBe(false)
    })

    /**
     * Programs for hyperswarm call these late, and await nothing: an app that goes to the background while it ends, a listener
     * that asks for a peer whose connection has closed. Here the late call ended the process.
     */
    it('ignores after destroy what hyperswarm ignores', async () => {
      const { client, server } = await createPair()
      await connectionOf(client)
      const asked = new Promise<void>((resolve, reject) => {
        const askAgain = (): void => {
          try {
            resolve(client.swarm.joinPeer(server.key))
          } catch (error) {
            reject(error)
          }
        }
        for (const connection of client.swarm.connections) connection.on('close', askAgain)
      })
      const destroyed = client.swarm.destroy()
      await Promise.all([client.swarm.suspend(), client.swarm.resume(), asked, destroyed])
      expect(client.swarm.suspended).toBe(false)
      expect([client.swarm.explicitPeers.size, client.swarm.peers.size, client.swarm.connecting]).toEqual([0, 0, 0])
      await Promise.all([client.swarm.suspend(), client.swarm.resume()])
      expect(client.swarm.joinPeer(server.key)).toBeUndefined()
    })
  })
}

async function connectionOf(peer: Peer): Promise<Connection> {
  await until('a connection', () => peer.shown.length > 0)
  const first = peer.shown[0]
  if (first === undefined) throw new Error('no connection')
  return first.connection
}

/** The server leaves the client's handshake unanswered. HyperDHT would wait 8 seconds for an answer; we do not. */
async function expectRefusal(client: Peer, server: Peer): Promise<void> {
  const abort = new AbortController()
  const refused = expect(client.swarm.connect(server.key, { signal: abort.signal })).rejects.toHaveProperty('code')
  await until('a refusal', () => server.swarm.stats.firewallRefusals > 0)
  abort.abort()
  await refused
  expect(server.swarm.connections.size).toBe(0)
}

/** The highest number of connections at any `connection` or `update` event. */
function watchMost({ swarm }: Peer): () => number {
  let most = 0
  const look = () => {
    most = Math.max(most, swarm.connections.size)
  }
  swarm.on('connection', look)
  swarm.on('update', look)
  return () => most
}

function firstData(connection: Connection): Promise<Uint8Array> {
  return new Promise((resolve) => connection.once('data', resolve))
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  connection.on('data', (chunk) => chunks.push(chunk))
  await new Promise<void>((resolve) => connection.once('end', resolve))
  return b4a.concat(chunks)
}

async function closed(connection: Connection): Promise<void> {
  if (!connection.destroyed) await new Promise<void>((resolve) => connection.once('close', resolve))
}

function ignore(): void {}
