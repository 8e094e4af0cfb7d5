import { TypedEmitter } from '@swarmway/runtime'
import type { Connection } from '../../src/network/connection.js'
import type {
  Address,
  ConnectOptions,
  DhtNode,
  DiscoveredPeer,
  NodeEvent,
  NodeHandshake,
  Query,
  QueryOptions,
  ServerOptions
} from '../../src/network/dht-node.js'
import { createKeyPair, type KeyPair, publicKeyHex } from '../../src/util/keys.js'
import { FakeConnection } from './fake-connection.js'
import { PlainHandshake } from './fake-handshake.js'
import type { FakeNetwork } from './fake-network.js'
import { FakeQuery, type FakeQueryKind } from './fake-query.js'
import { type Answer, FakeServer } from './fake-server.js'

const PEERS_PER_REPLY = 20

export interface FakeNodeOptions {
  keyPair?: KeyPair
  randomized?: boolean
}

/** A DHT node without a network: it shares data with other fake nodes in memory. */
export class FakeNode implements DhtNode {
  readonly defaultKeyPair: KeyPair
  readonly randomized: boolean
  destroyed = false
  suspended = false
  online = true
  readonly queries: FakeQuery[] = []
  readonly dials: Array<{ publicKey: Uint8Array; options: ConnectOptions; connection: FakeConnection }> = []
  readonly servers: FakeServer[] = []
  readonly calls = { suspend: 0, resume: 0, destroy: 0, unannounce: 0 }
  /** The options of each call of `unannounce`. */
  readonly unannounced: Array<{ topic: Uint8Array; options: QueryOptions }> = []
  readonly #network: FakeNetwork
  readonly #interrupts = new Set<(error: Error) => void>()
  readonly #events = new TypedEmitter<Record<NodeEvent, []>>()

  constructor(network: FakeNetwork, { keyPair = createKeyPair(), randomized = false }: FakeNodeOptions) {
    this.#network = network
    this.defaultKeyPair = keyPair
    this.randomized = randomized
  }

  get listenerCount(): number {
    return this.#events.listenerCount('network-change') + this.#events.listenerCount('network-update')
  }

  /** Queries currently running. */
  get queriesInFlight(): number {
    return this.queries.filter((query) => !query.hasEnded && !query.destroying).length
  }

  on(event: NodeEvent, listener: () => void): this {
    this.#events.on(event, listener)
    return this
  }

  removeListener(event: NodeEvent, listener: () => void): this {
    this.#events.removeListener(event, listener)
    return this
  }

  emit(event: NodeEvent): void {
    this.#events.emit(event)
  }

  connect(publicKey: Uint8Array, options: ConnectOptions): Connection {
    const { keyPair = this.defaultKeyPair } = options
    const connection = new FakeConnection(keyPair.publicKey, publicKey, true, this.#network.post)
    this.dials.push({ publicKey, options, connection })
    if (this.suspended || this.destroyed) connection.destroy(coded('SUSPENDED'))
    else this.#post(() => this.#dial(connection, keyPair, options))
    return connection.asConnection()
  }

  createServer(options: ServerOptions, onConnection: (connection: Connection) => void): FakeServer {
    const server = new FakeServer(this.#network, options, onConnection as (connection: never) => void)
    this.servers.push(server)
    return server
  }

  lookup(topic: Uint8Array, options: QueryOptions = {}): Query {
    return this.#query('lookup', topic, options, () => {})
  }

  announce(topic: Uint8Array, keyPair: KeyPair, relayAddresses: Address[], options: QueryOptions = {}): Query {
    const peer: DiscoveredPeer = { publicKey: keyPair.publicKey, relayAddresses }
    return this.#query('announce', topic, options, () => this.#network.store(topic, peer))
  }

  lookupAndUnannounce(topic: Uint8Array, keyPair: KeyPair, options: QueryOptions = {}): Query {
    return this.#query('lookupAndUnannounce', topic, options, () => this.#network.remove(topic, keyPair.publicKey))
  }

  async unannounce(topic: Uint8Array, keyPair: KeyPair, options: QueryOptions = {}): Promise<void> {
    this.calls.unannounce++
    this.unannounced.push({ topic, options })
    await Promise.race([this.#network.whenLit(), this.#interruption()])
    await new Promise<void>((resolve) => this.#post(resolve))
    this.#network.remove(topic, keyPair.publicKey)
  }

  findPeer(): never {
    throw new Error('not part of the fake')
  }

  async mutableGet(): Promise<never> {
    throw new Error('not part of the fake')
  }

  async mutablePut(): Promise<never> {
    throw new Error('not part of the fake')
  }

  async immutableGet(): Promise<never> {
    throw new Error('not part of the fake')
  }

  async immutablePut(): Promise<never> {
    throw new Error('not part of the fake')
  }

  async suspend(): Promise<void> {
    this.calls.suspend++
    this.suspended = true
    for (const interrupt of this.#interrupts) interrupt(coded('IO_SUSPENDED'))
    this.#interrupts.clear()
  }

  async resume(): Promise<void> {
    this.calls.resume++
    this.suspended = false
  }

  async destroy(): Promise<void> {
    this.calls.destroy++
    this.destroyed = true
    for (const query of this.queries) query.destroy()
  }

  /** Rejects when the node is suspended. */
  #interruption(): Promise<never> {
    return new Promise((_, reject) => this.#interrupts.add(reject))
  }

  #post(run: () => void): void {
    this.#network.post(run)
  }

  #query(kind: FakeQueryKind, topic: Uint8Array, options: QueryOptions, onEnd: () => void): Query {
    const query = new FakeQuery(kind, topic, options)
    // A query that is destroyed with an error must not end the process if nobody iterates it.
    query.on('error', () => {})
    this.queries.push(query)
    this.#post(() => this.#runQuery(query, onEnd))
    return query as unknown as Query
  }

  /** Looks up first and stores afterwards, which is why peers that announce together do not see each other. */
  #runQuery(query: FakeQuery, onEnd: () => void): void {
    const fate = this.suspended || this.#network.isDark ? 'hang' : this.#network.queryFate(query)
    if (fate === 'fail') query.fail(coded('QUERY_FAILED'))
    if (query.destroying || fate === 'hang') return
    const peers = this.#network.announced(query.topic)
    for (let i = 0; i < peers.length; i += PEERS_PER_REPLY) query.reply(peers.slice(i, i + PEERS_PER_REPLY))
    this.#post(() => {
      if (query.destroying) return
      onEnd()
      query.end(this.#network.nodesNear(query.topic))
    })
  }

  async #dial(connection: FakeConnection, keyPair: KeyPair, options: ConnectOptions): Promise<void> {
    const { remotePublicKey } = connection
    const { isDark } = this.#network
    const fate = isDark
      ? 'hang'
      : this.#network.dialFate(publicKeyHex(keyPair.publicKey), publicKeyHex(remotePublicKey))
    if (connection.destroying || fate === 'hang') return
    if (fate !== 'pass') return connection.destroy(coded(fate.code))
    const server = this.#network.servers.get(publicKeyHex(remotePublicKey))
    if (server === undefined) return connection.destroy(coded('PEER_NOT_FOUND'))
    const handshake = server.hasHandshake ? createHandshake(options, keyPair, remotePublicKey) : null
    const message = handshake === null ? null : await handshake.send({ from: 'client' })
    const answer = await server.answer(keyPair.publicKey, message)
    if (answer?.connection) this.#link(connection, answer.connection)
    const isMute = this.#network.isMute || this.#network.isMuteFrom(keyPair.publicKey)
    this.#post(() => void finishDial(connection, handshake, answer, isMute))
  }

  #link(connection: FakeConnection, accepted: FakeConnection): void {
    FakeConnection.link(connection, accepted)
    // If one side gave up before the two were joined, the other side learns of it now.
    if (connection.destroying) this.#post(() => accepted.destroy())
    if (accepted.destroying) this.#post(() => connection.destroy(coded('ECONNRESET')))
    const { links } = this.#network
    links.add(connection)
    connection.once('close', () => links.delete(connection))
  }
}

function createHandshake(options: ConnectOptions, keyPair: KeyPair, remotePublicKey: Uint8Array): NodeHandshake {
  return options.createHandshake?.(keyPair, remotePublicKey) ?? new PlainHandshake(keyPair, remotePublicKey)
}

async function finishDial(
  connection: FakeConnection,
  handshake: NodeHandshake | null,
  answer: Answer,
  isMute: boolean
): Promise<void> {
  if (connection.destroying) return
  if (answer === null) return connection.destroy(coded('PEER_CONNECTION_FAILED'))
  try {
    const isAnswer = handshake === null || answer.message === null || (await handshake.recv(answer.message)) !== null
    if (!isAnswer) return connection.destroy(coded('PEER_CONNECTION_FAILED'))
  } catch (error) {
    return connection.destroy(error instanceof Error ? error : coded('BAD_HANDSHAKE_REPLY'))
  }
  if (answer.connection === null) return connection.destroy(coded('SERVER_ERROR'))
  connection.markOpen(isMute)
  answer.connection.markOpen(isMute)
}

/** An error in the form that the node makes. */
function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}
