import { type Clock, RateLimit } from '@swarmway/runtime'

/** Bytes of packets that may be sent for each byte received. */
const RATIO = 2
/** What a greeting is worth. */
const FIRST_BYTES = 128
/** What may be saved up. */
const MAX_BYTES = 64 * 1024
const MINUTE_MS = 60_000

/**
 * What may be sent to addresses that one client names, and that may belong to anybody: about twice as many bytes as the
 * client has sent about its dials, and a number of packets a minute.
 */
export class PacketBudget {
  readonly #packets: RateLimit
  readonly #onLimit: () => void
  #bytes = FIRST_BYTES

  /** `perMinute` packets may be sent at once; `onLimit` is called for each further one. */
  constructor(perMinute: number, clock: Clock, onLimit: () => void = ignore) {
    this.#onLimit = onLimit
    this.#packets = new RateLimit(perMinute / (MINUTE_MS / 1000), clock, perMinute)
  }

  /** The client has sent this many bytes. */
  earn(bytes: number): void {
    this.#bytes = Math.min(MAX_BYTES, this.#bytes + RATIO * bytes)
  }

  /** Takes the bytes of one packet; false if it may not be sent. */
  spend(bytes: number): boolean {
    if (bytes > this.#bytes) return false
    const mayGo = this.#packets.take()
    if (mayGo) this.#bytes -= bytes
    else this.#onLimit()
    return mayGo
  }
}

function ignore(): void {}
