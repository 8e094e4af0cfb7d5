import { TypedEmitter } from '@swarmway/swarm/core'
import { connectionFailed } from '../errors.js'
import type { RawStream, SecretStreamLike } from './hyperdht.js'

/** What becomes of a {@link StandInStream}. */
export interface StandInListener {
  /** HyperDHT has connected the raw stream. It belongs to the listener from now on. */
  onRawStream(raw: RawStream): void
  /** It came to nothing, by HyperDHT's doing or by `destroy`. Not called after `onRawStream`. */
  onFailed(error: Error | null): void
}

/**
 * Takes the place of the secret stream, which is at the client: has exactly what HyperDHT touches of one, and waits
 * for the raw stream.
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
    // It could not be connected: what the peer, or a node, said of where the peer is cannot be.
    if (raw.destroying) {
      this.destroy(connectionFailed('the peer cannot be connected to at the address that was given'))
      return
    }
    this.rawStream = raw
    raw.on('error', ignore)
    raw.on('close', () => this.destroy())
    this.#listener.onRawStream(raw)
  }

  /** Ends the dial. HyperDHT cleans up on 'close', which comes later as that of any stream does. */
  destroy(error?: Error): void {
    if (this.destroying) return
    this.destroying = true
    queueMicrotask(() => this.#close(error ?? null))
  }

  /** For the client's stream, which is not here. */
  setKeepAlive(): void {}

  #close(error: Error | null): void {
    this.destroyed = true
    if (this.rawStream === null) this.#listener.onFailed(error)
    this.emit('close')
  }
}

function ignore(): void {}
