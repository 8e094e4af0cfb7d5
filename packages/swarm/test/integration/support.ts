/**
 * A private DHT on 127.0.0.1 and peers on it: ours, hyperswarm's and bare HyperDHT nodes. Every factory takes down
 * what it made when the test ends. Untyped packages are declared here, limited to what the tests use.
 */
import { createRequire } from 'node:module'
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import b4a from 'b4a'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { Connection } from '../../src/network/connection.js'
import type { Address, ConnectOptions, DhtNode, NodeServer, ServerOptions } from '../../src/network/dht-node.js'
import type { KeyPair } from '../../src/util/keys.js'

const require = createRequire(import.meta.url)

/** A HyperDHT instance, including the parts that a swarm does not need. */
export interface Dht extends DhtNode {
  readonly host: string
  readonly port: number
  readonly suspended: boolean
  readonly firewalled: boolean
  readonly bootstrapNodes: Address[]
  readonly listening: Set<unknown>
  readonly stats: { readonly relaying: { attempts: number; successes: number } }
  readonly _deferRandomPunch: boolean
  readonly _randomPunchInterval: number
  readonly io: { readonly inflight: unknown[]; readonly clientSocket: object; readonly serverSocket: object }
  address(): Address
  fullyBootstrapped(): Promise<void>
  createRawStream(options?: object): object
  createServer(options: DhtServerOptions, onConnection: (connection: Connection) => void): DhtServer
  connect(
    publicKey: Uint8Array,
    options?: ConnectOptions & { localConnection?: boolean; fastOpen?: boolean }
  ): Connection
  request(message: { command: number; target: Uint8Array; value: Uint8Array }, to: Address): Promise<unknown>
  emit(event: string): boolean
  listenerCount(event: string): number
  toArray(): Address[]
}

/** Options of {@link Dht.createServer}; without a handshake, the node's own is used. */
export type DhtServerOptions = ServerOptions & { shareLocalAddress?: boolean; holepunch?: boolean }

export interface DhtServer extends NodeServer {
  readonly publicKey: Uint8Array
  readonly handshakeClearWait: number
}

export const HyperDHT = require('hyperdht') as {
  new (options: object): Dht
  keyPair(seed?: Uint8Array): KeyPair
  /** Where in the DHT the announcements of a key are. */
  hash(publicKey: Uint8Array): Uint8Array
}

interface NativeTestnet {
  readonly nodes: Dht[]
  readonly bootstrap: Address[]
  destroy(): Promise<void>
}

const createTestnet = require('hyperdht/testnet.js') as (
  size: number,
  options: { host: string }
) => Promise<NativeTestnet>

/** What hyperswarm and Swarm have in common, as far as the tests use it. */
export interface SwarmLike {
  readonly keyPair: KeyPair
  readonly dht: DhtNode
  readonly server: NodeServer
  readonly connections: Set<Connection>
  readonly peers: Map<string, InfoLike>
  readonly connecting: number
  readonly stats: { connects: { client: { opened: number }; server: { opened: number } }; bannedPeers: number }
  readonly destroyed: boolean
  join(topic: Uint8Array, options?: { client?: boolean; server?: boolean; limit?: number }): SessionLike
  leave(topic: Uint8Array): Promise<void>
  joinPeer(publicKey: Uint8Array): void
  leavePeer(publicKey: Uint8Array): void
  listen(): Promise<unknown>
  flush(): Promise<boolean>
  suspend(): Promise<void>
  resume(): Promise<void>
  destroy(): Promise<void>
  on(event: 'connection', listener: (connection: Connection, info: InfoLike) => void): unknown
  on(event: 'update', listener: () => void): unknown
  once(event: 'connection', listener: (connection: Connection, info: InfoLike) => void): unknown
  emit(event: string, ...args: unknown[]): boolean
}

export interface SessionLike {
  flushed(): Promise<boolean>
  refresh(): Promise<unknown>
  destroy(): Promise<void>
}

export interface InfoLike {
  readonly publicKey: Uint8Array
  readonly topics: Uint8Array[]
  readonly attempts: number
  readonly banned: boolean
  readonly queued: boolean
  readonly waiting: boolean
  readonly client: boolean
}

/** Options that both classes support. */
export type CommonOptions = Omit<SwarmOptions, 'firewall' | 'relayThrough' | 'dht'> & {
  dht?: DhtNode
  firewall?: (remotePublicKey: Uint8Array, payload: object | null) => boolean
  relayThrough?: Uint8Array | Uint8Array[] | ((force: boolean) => Uint8Array | Uint8Array[] | null)
}

const Hyperswarm = require('hyperswarm') as new (options: CommonOptions) => SwarmLike

/** The implementation that a scenario runs with. */
export type Kind = 'hyperswarm' | 'swarmway'

const BlindRelay = require('blind-relay') as {
  Server: new (options: {
    createStream(options?: object): object
  }) => {
    accept(connection: Connection, options: { id: Uint8Array }): { on(event: 'error', listener: () => void): unknown }
    close(): Promise<void>
    readonly stats: { pairings: { matched: number } }
  }
}

/** A private DHT for all tests of a file. */
export class Testnet {
  #native: NativeTestnet | null = null

  /** Call at the top of a test file or suite. */
  static use(size = 3): Testnet {
    const testnet = new Testnet()
    beforeAll(async () => {
      testnet.#native = await createTestnet(size, { host: '127.0.0.1' })
    })
    afterAll(async () => {
      await testnet.#native?.destroy()
    })
    return testnet
  }

  get bootstrap(): Address[] {
    if (this.#native === null) throw new Error('the testnet is not up yet')
    return this.#native.bootstrap
  }

  get nodes(): Dht[] {
    if (this.#native === null) throw new Error('the testnet is not up yet')
    return this.#native.nodes
  }

  /** A node on the DHT, destroyed when the test ends. */
  node(options: object = {}): Dht {
    const node = new HyperDHT({ host: '127.0.0.1', bootstrap: this.bootstrap, ...options })
    onTestFinished(async () => {
      if (!node.destroyed) await node.destroy({ force: true })
    })
    return node
  }

  /** A node that can neither be punched to nor reached on the local network, so that every connection needs a relay. */
  unreachableNode(): Dht {
    const node = this.node({ quickFirewall: false, ephemeral: true })
    const { createServer, connect } = node
    node.createServer = (options, onConnection) =>
      createServer.call(node, { ...options, holepunch: false, shareLocalAddress: false }, onConnection)
    // Without options it is the node itself that connects to the relay.
    node.connect = (publicKey, options) =>
      connect.call(
        node,
        publicKey,
        options && ({ ...options, fastOpen: false, localConnection: false } as typeof options)
      )
    return node
  }

  /** A Swarm on a separate node, which it borrows. */
  swarm(options: SwarmOptions = {}): Swarm {
    const swarm = new Swarm({ dht: this.node() as DhtNode, ...options })
    onTestFinished(() => swarm.destroy())
    return swarm
  }

  /** The real hyperswarm. Errors of its connections are ignored, as its applications have to do. */
  hyperswarm(options: CommonOptions = {}): SwarmLike {
    const swarm = new Hyperswarm({ dht: this.node(), ...options })
    swarm.on('connection', (connection) => connection.on('error', ignore))
    onTestFinished(() => swarm.destroy())
    return swarm
  }

  make(kind: Kind, options: CommonOptions = {}): SwarmLike {
    return kind === 'hyperswarm' ? this.hyperswarm(options) : like(this.swarm(options as SwarmOptions))
  }

  /** Nodes that have already found their place in the DHT, so that the next steps start at the same moment. */
  async readyNodes(count: number): Promise<Dht[]> {
    const nodes = Array.from({ length: count }, () => this.node())
    await Promise.all(nodes.map((node) => node.fullyBootstrapped()))
    return nodes
  }

  /** A blind relay; returns its public key and how many pairs of streams it has joined. */
  async relay(): Promise<{ publicKey: Uint8Array; matched(): number }> {
    const node = this.node({ quickFirewall: false })
    const relay = new BlindRelay.Server({
      createStream: (options) => node.createRawStream({ ...options, framed: true })
    })
    const server = node.createServer({}, (connection) => {
      connection.on('error', ignore)
      relay.accept(connection, { id: connection.remotePublicKey }).on('error', ignore)
    })
    await server.listen(node.defaultKeyPair)
    onTestFinished(async () => {
      await server.close()
    })
    return { publicKey: node.defaultKeyPair.publicKey, matched: () => relay.stats.pairings.matched }
  }
}

/** Our swarm, in the form that both classes share. */
export function like(swarm: Swarm): SwarmLike {
  return swarm as unknown as SwarmLike
}

/** Resolves with the next `connection` event. */
export function nextConnection(swarm: SwarmLike): Promise<{ connection: Connection; info: InfoLike }> {
  return new Promise((resolve) => {
    swarm.once('connection', (connection, info) => resolve({ connection, info }))
  })
}

/** `connection` events of a swarm, by the remote's key in hex. */
export function countConnections(swarm: SwarmLike): Map<string, number> {
  const counts = new Map<string, number>()
  swarm.on('connection', ({ remotePublicKey }) => {
    const key = hex(remotePublicKey)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  })
  return counts
}

/** Whether each swarm has a connection to each other one. */
export function isFullMesh(swarms: Iterable<SwarmLike>): boolean {
  const all = [...swarms]
  return all.every((swarm) => new Set([...swarm.connections].map(remoteOf)).size === all.length - 1)
}

/** Whether `text`, sent at one end, is what arrives at the other. */
export async function carries(from: Connection, to: Connection, text = 'hello'): Promise<boolean> {
  const chunks: Uint8Array[] = []
  to.on('data', (chunk) => chunks.push(chunk))
  from.write(b4a.from(text))
  await until('data to arrive', () => b4a.concat(chunks).byteLength >= text.length)
  return b4a.toString(b4a.concat(chunks)) === text
}

export function remoteOf(connection: Connection): string {
  return hex(connection.remotePublicKey)
}

export function hex(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}

/** Two key pairs, the one with the lesser public key first. */
export function orderedKeyPairs(): [KeyPair, KeyPair] {
  const [a, b] = [HyperDHT.keyPair(), HyperDHT.keyPair()]
  return b4a.compare(a.publicKey, b.publicKey) < 0 ? [a, b] : [b, a]
}

export function ignore(): void {}
