/**
 * The client of discovery-swarm-stream on top of today's proxy client, for migrating an application step by step.
 * docs/migrating.md lists today's name for each of the old ones.
 * @packageDocumentation
 */

import type { DuplexLike } from '@swarmway/proxy-protocol'
import { callApplication, type Listen, moduleExports } from '@swarmway/runtime'
import { type LegacyEvents, type LegacyInfo, type LegacyJoinOptions, LegacySwarm } from '@swarmway/swarm/compat'
import {
  type Connection,
  type DestroyOptions,
  type DiscoveredPeer,
  invalidArgument,
  type LeaveOptions,
  type PeerDiscovery,
  type PeerDiscoverySession,
  type PeerInfo,
  type PeerVerdict,
  topicFrom
} from '@swarmway/swarm/core'
import b4a from 'b4a'
import { ProxyClient, type ProxyClientEvents } from '../client.js'
import type { ProxyClientOptions } from '../options.js'
import { assertDuplex, type Callback, hostOf, settled } from './legacy-client.js'
import { joinStreams, type PipeableDuplex } from './piped.js'

export type { LegacyInfo, LegacyJoinOptions } from '@swarmway/swarm/compat'
export type { PipeableDuplex } from './piped.js'

/** Creates the stream to pipe a connection through; nothing if the connection is used as it is. */
export type CreateStream = (info: StreamInfo, connection: Connection) => PipeableDuplex | object | undefined | boolean

/** Options of discovery-swarm-stream's client, in addition to today's. */
export interface DiscoverySwarmStreamOptions extends ProxyClientOptions {
  /**
   * A duplex to the server. Required unless `connect` is given.
   * @deprecated Use `connect`, with which the client reconnects automatically.
   */
  connection?: DuplexLike | undefined
  /**
   * Called with each connection; the duplex that it returns is joined with the connection.
   * @deprecated Use the `connection` event.
   */
  stream?: CreateStream | undefined
}

/** Properties of a connection that discovery-swarm-stream had and today's swarm lacks. */
export type StreamInfo = LegacyInfo & {
  /** @deprecated Use `publicKey`. The peer's public key in hex. */
  readonly id: string
  /** @deprecated Use `publicKey`. The peer's public key in hex. */
  readonly host: string
  /** @deprecated Always -1. */
  readonly port: number
  /** @deprecated Use `topics`. The first topic of the connection; null if the peer did not say. */
  readonly channel: Uint8Array | null
  /** @deprecated Use `client`. */
  readonly initiator: boolean
}

/** Events of a {@link DiscoverySwarmStreamClient}. */
export interface DiscoverySwarmStreamEvents extends Omit<ProxyClientEvents, 'connection'>, LegacyEvents {
  connection: [connection: Connection, info: StreamInfo]
  /** @deprecated A connection is open; use `connection`, which comes next, when the handshake is done. */
  handshaking: [connection: Connection, info: StreamInfo]
}

/**
 * A proxy client with discovery-swarm-stream's API in addition to today's.
 * @deprecated Use `ProxyClient`; docs/migrating.md lists the names.
 */
export class DiscoverySwarmStreamClient extends ProxyClient {
  /** Calls the listener with each event of that name. */
  declare on: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** Calls the listener with the next event only. */
  declare once: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** Removes the listener. */
  declare off: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** As `on`. */
  declare addListener: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** As `off`. */
  declare removeListener: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** As `on`, before the other listeners. */
  declare prependListener: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>
  /** As `once`, before the other listeners. */
  declare prependOnceListener: Listen<this, DiscoverySwarmStreamEvents> & Listen<this, ProxyClientEvents>

  readonly #legacy: LegacySwarm
  readonly #createStream: CreateStream | null

  /** Throws a `TypeError` that names the first bad option. */
  constructor(options: DiscoverySwarmStreamOptions) {
    const { connection, stream, ...today } = options ?? {}
    if (stream !== undefined && typeof stream !== 'function') throw invalidArgument('stream', 'a function', stream)
    assertDuplex(connection)
    const isGiven = connection !== undefined && today.connect === undefined
    super({ ...today, ...(connection !== undefined && { connection: isGiven ? null : connection }) })
    this.#createStream = stream ?? null
    const host = hostOf(this, {
      join: (topic, mode) => super.join(topic, mode),
      leave: (topic, leaving) => super.leave(topic, leaving),
      connect: (publicKey) => super.connect(publicKey)
    })
    const banMs = Number.POSITIVE_INFINITY
    const settings = { type: 'proxy', banMs, autoconnect: true, announces: true } as const
    this.#legacy = new LegacySwarm(host, { ...settings, validatePeer: () => true })
    if (isGiven) this.reconnect(connection)
  }

  /** Peers waiting to be dialled. @deprecated Use `swarm.peers`. */
  get queued(): number {
    return [...this.peers.values()].filter((info) => info.queued).length
  }

  /** Joins a topic, 32 bytes or a string. The callback is called once it is announced. */
  override join(
    topic: Uint8Array | string,
    second: LegacyJoinOptions | Callback = {},
    callback?: Callback
  ): PeerDiscoverySession {
    const isCallback = typeof second === 'function'
    return this.#legacy.join(toTopic(topic), isCallback ? {} : second, isCallback ? second : callback)
  }

  /** Leaves a topic, 32 bytes or a string. */
  override leave(topic: Uint8Array | string, callback?: LeaveOptions | Callback): Promise<void> {
    return this.#legacy.leave(toTopic(topic), callback)
  }

  override status(topic: Uint8Array | string): PeerDiscovery | null {
    return super.status(toTopic(topic))
  }

  /** Closes the client. @deprecated Use `destroy`. */
  close(callback?: Callback): Promise<void> {
    return settled(() => this.destroy(), callback)
  }

  override destroy(options: DestroyOptions = {}): Promise<void> {
    this.#legacy.destroy()
    return super.destroy(options)
  }

  override emit<K extends keyof DiscoverySwarmStreamEvents>(event: K, ...args: DiscoverySwarmStreamEvents[K]): boolean {
    if (event === 'connection') this.#beforeConnection(...(args as unknown as [Connection, PeerInfo]))
    return Reflect.apply(super.emit, this, [event, ...args])
  }

  protected override judgePeer(peer: DiscoveredPeer, topic: Uint8Array): PeerVerdict {
    return this.#legacy.judge(peer, topic)
  }

  protected override onDiscoveryCycle(topic: Uint8Array, isDone: boolean): void {
    this.#legacy.onCycle(topic, isDone)
  }

  #beforeConnection(connection: Connection, info: PeerInfo): void {
    this.#legacy.onConnection(connection, info)
    const decorated = streamInfo(info)
    this.emit('handshaking', connection, decorated)
    const createStream = this.#createStream
    if (createStream === null) return
    // An error in the application ends that connection and is uncaught, as it used to be.
    callApplication(
      () => joinStreams(connection, createStream(decorated, connection)),
      () => connection.destroy()
    )
  }
}

function streamInfo(info: PeerInfo): StreamInfo {
  const id = Array.from(info.publicKey, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const members = { id, host: id, port: -1, channel: info.topics[0] ?? null, initiator: info.client }
  for (const [name, value] of Object.entries(members)) Object.defineProperty(info, name, { value, configurable: true })
  return info as StreamInfo
}

/** What `require` returns: the class, with all exports as its properties. */
const DiscoverySwarmStreamClientModule = /* @__PURE__ */ moduleExports(DiscoverySwarmStreamClient, () => ({
  DiscoverySwarmStreamClient
}))
type DiscoverySwarmStreamClientModule = DiscoverySwarmStreamClient

export { DiscoverySwarmStreamClient as default, DiscoverySwarmStreamClientModule as 'module.exports' }

const HEX_TOPIC = /^[0-9a-f]{64}$/i

/**
 * A topic as discovery-swarm-stream took them: bytes unchanged, 64 hex digits decoded, and any other string
 * hashed by `topicFrom`, which gives the same topic everywhere.
 */
function toTopic(topic: Uint8Array | string): Uint8Array {
  if (typeof topic !== 'string') return topic
  return HEX_TOPIC.test(topic) ? b4a.from(topic, 'hex') : topicFrom(topic)
}
