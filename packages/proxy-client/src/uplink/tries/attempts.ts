import { trace } from '@swarmway/runtime'
import type { Connect, UplinkSettings } from '../../options.js'
import { HeldDuplex } from '../links/held-duplex.js'
import type { Opened, Opener } from '../links/opener.js'
import type { Tries } from './tries.js'

/** What {@link Attempts} need of the uplink. */
export interface AttemptsHost {
  /** Names the client in traces. */
  readonly label: string
  /** The server that holds the session; null if there is none. */
  holder(): Connect | null
  /** Greets over this duplex, and resumes the session if there is one. */
  resume(opened: Opened): Promise<void>
  closeLink(): void
  /** The server that holds the session has had its chance. Returns whether it gets another; if not, another server is used. */
  onPassedOver(connect: Connect, error: unknown): boolean
  onFailed(connect: Connect, error: unknown): void
}

/** Makes one attempt at a time to reach a server: a later one takes the place of an earlier one. */
export class Attempts {
  /** Whether one is being made. */
  isTrying = false
  readonly #connects: readonly Connect[]
  readonly #opener: Opener
  readonly #tries: Pick<Tries, 'mayTry'>
  readonly #host: AttemptsHost
  /** Counts attempts: results of an earlier one find another number. */
  #number = 0

  constructor(
    { connects }: Pick<UplinkSettings, 'connects'>,
    opener: Opener,
    tries: Pick<Tries, 'mayTry'>,
    host: AttemptsHost
  ) {
    this.#connects = connects
    this.#opener = opener
    this.#tries = tries
    this.#host = host
  }

  async begin(connect: Connect): Promise<void> {
    this.abandon()
    const number = this.#number
    const isCurrent = () => number === this.#number
    this.isTrying = true
    trace.client?.('connecting', { session: this.#host.label })
    try {
      await this.#reach(connect, isCurrent)
    } catch (error) {
      if (isCurrent()) this.#host.onFailed(connect, error)
    }
  }

  /** Gives up the attempt that is being made, if there is one. */
  abandon(): void {
    this.#number++
    this.isTrying = false
    this.#opener.abandon()
  }

  async #reach(connect: Connect, isCurrent: () => boolean): Promise<void> {
    const opened = await this.#opener.open(connect)
    if (!isCurrent()) return void opened.duplex.destroy()
    const holder = this.#host.holder()
    const isOther = holder !== connect && this.#connects.includes(connect)
    if (holder !== null && isOther && this.#tries.mayTry(holder)) await this.#preferHolder(holder, opened, isCurrent)
    else await this.#host.resume(opened)
  }

  /**
   * Another server has answered, so there is a network again: the one that holds the session gets a last chance before
   * the session is given up.
   */
  async #preferHolder(holder: Connect, other: Opened, isCurrent: () => boolean): Promise<void> {
    const spare = new HeldDuplex(other.duplex)
    const isDecided = await this.#tryHolder(holder, isCurrent)
    if (isDecided || !isCurrent()) spare.drop()
    else await this.#host.resume({ ...other, duplex: spare.take() })
  }

  /** Returns whether the session continues there, or waits for it. */
  async #tryHolder(holder: Connect, isCurrent: () => boolean): Promise<boolean> {
    try {
      const opened = await this.#opener.open(holder)
      if (isCurrent()) await this.#host.resume(opened)
      else opened.duplex.destroy()
      return true
    } catch (error) {
      if (!isCurrent()) return false
      this.#host.closeLink()
      return this.#host.onPassedOver(holder, error)
    }
  }
}
