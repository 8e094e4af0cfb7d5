import { type DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import type { Connect, UplinkSettings } from '../../options.js'
import { askForCredentials } from './credentials.js'
import { openDuplex } from './open-duplex.js'

/** A duplex, and what to greet with. */
export interface Opened {
  readonly connect: Connect
  readonly duplex: DuplexLike
  readonly auth: Uint8Array
}

/** What an {@link Opener} needs of the uplink. */
export interface OpenerHost {
  /** Milliseconds for this server to answer. */
  timeoutMs(connect: Connect): number
  /** Why the last attempt failed or the last link ended. */
  lastError(): ProxyError | null
}

/** Opens duplexes, each with credentials of its own. */
export class Opener {
  readonly #settings: UplinkSettings
  readonly #host: OpenerHost
  /** What the latest one waits for. */
  #pending: { abandon(): void } | null = null
  /** Attempts since the last link. */
  #attempts = 0

  constructor(settings: UplinkSettings, host: OpenerHost) {
    this.#settings = settings
    this.#host = host
  }

  async open(connect: Connect): Promise<Opened> {
    this.#attempts++
    const credentials = this.#credentials(connect)
    const given = this.#pending
    const auth = credentials instanceof Uint8Array ? credentials : await credentials
    if (given !== this.#pending) throw new ProxyError('ABORTED', 'another attempt has begun meanwhile')
    const opening = openDuplex(connect, this.#settings.clock, this.#host.timeoutMs(connect))
    this.#pending = opening
    return { connect, auth, duplex: await opening.duplex }
  }

  /** A link is up. */
  succeeded(): void {
    this.#attempts = 0
  }

  /** Nobody waits for the latest duplex any longer. One that is open already is the caller's. */
  abandon(): void {
    this.#pending?.abandon()
    this.#pending = null
  }

  #credentials(connect: Connect): Uint8Array | Promise<Uint8Array> {
    const { auth } = this.#settings
    if (typeof auth !== 'function') return auth
    const request = { attempt: this.#attempts, url: connect.url ?? null, lastError: this.#host.lastError() }
    const pending = askForCredentials(auth, request, this.#settings)
    this.#pending = pending
    return pending.bytes
  }
}
