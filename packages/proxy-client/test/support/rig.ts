import { createRequire } from 'node:module'
import { type Connection, Swarm, type SwarmCore, type SwarmOptions } from '@swarmway/swarm'
import b4a from 'b4a'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { ProxyServer, type ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { until } from '../../../runtime/test/support/until.js'
import { type DhtNode, ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import type { LinkControl } from './tap.js'
import { type Door, memory, type Transport } from './transports.js'

const require = createRequire(import.meta.url)

/** A private DHT on 127.0.0.1. */
export interface Testnet {
  readonly bootstrap: { host: string; port: number }[]
  createNode(): DhtNode
  destroy(): Promise<void>
}

const createTestnet = require('hyperdht/testnet.js') as (size: number, options: { host: string }) => Promise<Testnet>

const HyperDHT = require('hyperdht') as new (options: object) => DhtNode

/** A DHT node on 127.0.0.1 that knows these. The caller destroys it. */
export function createNode(bootstrap: { host: string; port: number }[]): DhtNode {
  return new HyperDHT({ host: '127.0.0.1', bootstrap })
}

const Hyperswarm = require('hyperswarm') as new (options: object) => Swarm

/** What swarms of any kind have in common. */
export type AnySwarm = Pick<SwarmCore, 'connections' | 'keyPair'>

/** Options of a network. */
export interface NetworkOptions {
  /** The DHT to use; it is borrowed. Null: none. Default: one of the network's own. */
  testnet?: Testnet | null
  /** How the clients reach the server. Default: a pair in memory. */
  transport?: Transport
  server?: ProxyServerOptions
}

/** Options of a client whose link the test controls. */
export interface RigClientOptions extends Partial<ProxyClientOptions> {
  control?: LinkControl
  /** The server to connect to. Default: the network's own. */
  door?: Door
}

/** Short waits, for tests. */
const QUICK = { backoffs: [50, 100, 200, 1000], jitter: 10, reconnectMinMs: 10, reconnectMaxMs: 100 }

/** A proxy server, clients of it, and native peers. */
export class Network {
  readonly server: ProxyServer
  readonly testnet: Testnet | null
  /** Further servers, and how to connect to them. */
  readonly servers: { server: ProxyServer; door: Door }[] = []
  readonly #transport: Transport
  readonly #door: Door
  readonly #undo: (() => Promise<unknown>)[] = []

  /** @internal See {@link createNetwork}. */
  constructor(server: ProxyServer, door: Door, testnet: Testnet | null, transport: Transport) {
    this.server = server
    this.testnet = testnet
    this.#door = door
    this.#transport = transport
  }

  /** A client of the server. */
  createSwarm({ control, door = this.#door, ...options }: RigClientOptions = {}): ProxyClient {
    const connect = control?.through(door.connect) ?? door.connect
    const own = options.connect === undefined && options.connection === undefined ? { connect } : {}
    return this.#keep(new ProxyClient({ ...QUICK, ...own, ...options }))
  }

  /** A peer with a DHT node of its own. */
  createNative(options: SwarmOptions = {}): Swarm {
    const { backoffs, jitter } = QUICK
    return this.#keep(new Swarm({ backoffs, jitter, dht: this.#node(), ...options }))
  }

  /** The same, from the package `hyperswarm`. */
  createHyperswarm(): Swarm {
    const swarm = new Hyperswarm({ dht: this.#node() })
    swarm.on('connection', (connection) => connection.on('error', () => {}))
    return this.#keep(swarm)
  }

  /** A further server on the same DHT, and how to connect to it. */
  async createServer(options: ProxyServerOptions = {}): Promise<{ server: ProxyServer; door: Door }> {
    const server = new ProxyServer({ dht: this.testnet && this.#node(), drainMs: 200, ...options })
    const door = await this.#transport(server)
    const made = { server, door }
    this.servers.push(made)
    this.#undo.push(() => server.destroy().then(() => door.close()))
    return made
  }

  /** Destroys everything that was made: the swarms, the latest first, and then the servers. */
  async destroy(): Promise<void> {
    for (const undo of this.#undo.splice(0)) await undo()
    await this.server.destroy()
    await this.#door.close()
  }

  #node(): DhtNode {
    if (this.testnet === null) throw new Error('this network has no DHT')
    return this.testnet.createNode()
  }

  #keep<S extends { destroy(): Promise<unknown> }>(swarm: S): S {
    this.#undo.unshift(() => swarm.destroy())
    return swarm
  }
}

/** Makes a network with a server. The caller destroys it. */
export async function createNetwork(options: NetworkOptions = {}): Promise<Network> {
  const { server: serverOptions, transport = memory() } = options
  const isOwn = options.testnet === undefined
  const testnet = options.testnet === undefined ? await createTestnet(4, { host: '127.0.0.1' }) : options.testnet
  const server = new ProxyServer({ dht: testnet?.createNode() ?? null, drainMs: 200, ...serverOptions })
  const network = new Network(server, await transport(server), testnet, transport)
  if (!isOwn || testnet === null) return network
  const destroy = network.destroy.bind(network)
  network.destroy = () => destroy().then(() => testnet.destroy())
  return network
}

/** Makes a network that is destroyed after the test. */
export async function createRig(options: NetworkOptions = {}): Promise<Network> {
  const network = await createNetwork(options)
  onTestFinished(() => network.destroy())
  return network
}

/** A DHT for all tests of a file. */
export function useTestnet(size = 4): () => Testnet {
  let testnet: Testnet | null = null
  beforeAll(async () => {
    testnet = await createTestnet(size, { host: '127.0.0.1' })
  })
  afterAll(() => testnet?.destroy())
  return () => {
    if (testnet === null) throw new Error('there is no testnet outside of tests')
    return testnet
  }
}

/** Both ends of the connection between two swarms, once it is there. */
export async function connectionBetween(a: AnySwarm, b: AnySwarm): Promise<[Connection, Connection]> {
  let near: Connection | undefined
  let far: Connection | undefined
  await until('a connection between two swarms', () => {
    near = connectionTo(a, b.keyPair.publicKey)
    far = connectionTo(b, a.keyPair.publicKey)
    return near !== undefined && far !== undefined
  })
  return [near as Connection, far as Connection]
}

/** The swarm's connection to a peer. */
export function connectionTo(swarm: AnySwarm, publicKey: Uint8Array): Connection | undefined {
  return [...swarm.connections].find((connection) => b4a.equals(connection.remotePublicKey, publicKey))
}

/** `connection` events of a swarm from now on. */
export function shownBy(swarm: AnySwarm): Connection[] {
  const shown: Connection[] = []
  // A client has more events than a swarm; the types cannot express that it has all of a swarm's.
  const emitter = swarm as unknown as SwarmCore
  emitter.on('connection', (connection) => {
    connection.on('error', () => {})
    shown.push(connection)
  })
  return shown
}
