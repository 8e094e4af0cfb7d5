import type { DuplexLike } from '@swarmway/proxy-protocol'

/** Keeps a duplex that is not used yet. If it fails meanwhile, nobody else listens for the error. */
export class HeldDuplex {
  readonly #duplex: DuplexLike
  #error: unknown = null
  readonly #onError = (error: unknown) => {
    this.#error ??= error
  }

  constructor(duplex: DuplexLike) {
    this.#duplex = duplex
    duplex.on('error', this.#onError)
  }

  /** Hands it out, to somebody who listens at once. Throws the error with which it has failed. */
  take(): DuplexLike {
    if (this.#error !== null) throw this.#error
    this.#duplex.removeListener('error', this.#onError)
    return this.#duplex
  }

  /** It is not needed any more. Its errors are of no interest then. */
  drop(): void {
    this.#duplex.destroy()
  }
}
