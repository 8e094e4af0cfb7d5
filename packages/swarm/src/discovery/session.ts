/// <reference lib="esnext.disposable" preserve="true" />

import { invalidArgument, SwarmError } from '../errors.js'
import type { AbortSignalLike } from '../util/abort-signal.js'
import { assertObject, COUNT_EXPECTED, check, isBoolean, isCount } from '../util/check.js'
import { onAbort } from '../util/on-abort.js'
import type { PeerDiscovery } from './peer-discovery.js'

/** The mode of a join. */
export interface DiscoveryMode {
  /** Look peers up and dial them. Default: true. */
  client?: boolean | undefined
  /** Announce ourselves and accept connections. Default: true. */
  server?: boolean | undefined
  /** Most connections for this topic. Default: Infinity. */
  limit?: number | undefined
}

/** One `join` of a topic. Several on the same topic share its discovery; the last one to end leaves the topic. */
export class PeerDiscoverySession {
  /** Whether this session looks peers up; set by `join` and `refresh`. */
  isClient = false
  /** Whether this session announces. */
  isServer = false
  /** Most connections for the topic, as set by this session. */
  limit = Number.POSITIVE_INFINITY
  /** What it shares with the other sessions on the topic. */
  readonly discovery: PeerDiscovery
  #destroying: Promise<void> | null = null
  readonly #stopListening: () => void

  /** @internal */
  constructor(discovery: PeerDiscovery, signal: AbortSignalLike | undefined) {
    this.discovery = discovery
    this.#stopListening = onAbort(signal, () => void this.destroy())
  }

  /** The swarm that joined. */
  get swarm(): PeerDiscovery['swarm'] {
    return this.discovery.swarm
  }

  /** The topic, 32 bytes. */
  get topic(): Uint8Array {
    return this.discovery.topic
  }

  /** Whether it has ended, through `destroy`, its signal, or the topic. */
  get destroyed(): boolean {
    return this.#destroying !== null
  }

  /**
   * Sets the modes of this session, keeping those not given, and looks up and announces now.
   * Resolves to true when done, to false on failure. Rejects with DESTROYED after `destroy`.
   */
  async refresh(mode: DiscoveryMode = {}): Promise<boolean> {
    if (this.destroyed) throw new SwarmError('DESTROYED', 'this discovery session was destroyed')
    assertObject('options', mode)
    const { client = this.isClient, server = this.isServer, limit = this.limit } = mode
    assertMode({ client, server, limit })
    this.isClient = client
    this.isServer = server
    this.limit = limit
    return this.discovery.refresh()
  }

  /**
   * Resolves once the announce or lookup in progress is done: to true if it succeeded. If none is in progress, to whether
   * the last one did.
   */
  flushed(): Promise<boolean> {
    return this.discovery.flushed()
  }

  /** Ends the session. Resolves when the topic is withdrawn, if this was the last session that needed it. */
  destroy(): Promise<void> {
    if (this.#destroying === null) {
      this.#stopListening()
      this.#destroying = this.discovery.release(this)
    }
    return this.#destroying
  }

  /** The discovery has ended, and this session with it. @internal */
  detach(): void {
    this.#stopListening()
    this.#destroying ??= Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}

/** Starts a session, and looks up and announces now according to the modes of all the topic's sessions. */
export function openSession(
  discovery: PeerDiscovery,
  mode: DiscoveryMode,
  signal: AbortSignalLike | undefined
): PeerDiscoverySession {
  const session = new PeerDiscoverySession(discovery, signal)
  discovery.attach(session)
  const { client = true, server = true, limit = Number.POSITIVE_INFINITY } = mode
  session.refresh({ client, server, limit }).catch(ignore)
  return session
}

/** Throws a `TypeError` unless `mode` is valid. */
export function assertMode(mode: DiscoveryMode): void {
  for (const name of ['client', 'server']) check(mode, name, 'a boolean', isBoolean)
  check(mode, 'limit', COUNT_EXPECTED, isCount)
  if (mode.client === false && mode.server === false) {
    throw invalidArgument('client and server', 'true, at least one of them', false)
  }
}

function ignore(): void {}
