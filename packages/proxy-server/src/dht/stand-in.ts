import { TypedEmitter } from '@swarmway/swarm/core'
import { connectionFailed } from '../errors.js'
import type { RawStream, SecretStreamLike } from './hyperdht.js'

/** Receives the outcome of a {@link StandInStream}. */
export interface StandInListener {
  /** HyperDHT has connected the raw stream. The listener owns it from now on. */
  onRawStream(raw: RawStream): void
  /** The connection failed, through HyperDHT or through `destroy`. Not called after `onRawStream`. */
  onFailed(error: Error | null): void
}

/**
 * Stands in for the secret stream, which the client holds: has exactly the part that HyperDHT uses, and waits for the
 * raw stream.
 */
export class StandInStream extends TypedEmitter<{ close: [] }> implements SecretStreamLike {
  rawStream: RawStream | null = null
  destroying = false
  destroyed = false
  readonly relay = null
  readonly puncher = null
  readonly #listener: StandInListener

  constructor(listener: StandInListener) {
    super()
    this.#listener = listener
  }

  /** From HyperDHT: the stream is connected. */
  start(raw: RawStream): void {
    if (this.destroying) {
      raw.destroy()
      return
    }
    // Connecting failed: the address that the peer or a node reported is impossible.
    if (raw.destroying) {
      this.destroy(connectionFailed('cannot connect to the peer at the reported address'))
      return
    }
    this.rawStream = raw
    raw.on('error', ignore)
    raw.on('close', () => this.destroy())
    this.#listener.onRawStream(raw)
  }

  /** Ends the dial. HyperDHT cleans up on 'close', which is emitted later, as for any stream. */
  destroy(error?: Error): void {
    if (this.destroying) return
    this.destroying = true
    queueMicrotask(() => this.#close(error ?? null))
  }

  /** Does nothing: the client holds the real stream. */
  setKeepAlive(): void {}

  #close(error: Error | null): void {
    this.destroyed = true
    if (this.rawStream === null) this.#listener.onFailed(error)
    this.emit('close')
  }
}

function ignore(): void {}
