import { TypedEmitter } from '@swarmway/runtime'
import { Duplex } from 'streamx'
import type { Connection } from '../../src/network/connection.js'

/** The transport under a fake connection. */
class FakeRawStream extends TypedEmitter<{ data: [] }> {
  bytesReceived = 0
  bytesTransmitted = 0

  receive(byteLength: number): void {
    this.bytesReceived += byteLength
    this.emit('data')
  }
}

/** Runs a function a moment later, when the network would have carried it over. */
export type Post = (run: () => void) => void

/** One end of an in-memory connection, with the part of a secret stream's interface that the swarm uses. */
export class FakeConnection extends Duplex {
  readonly publicKey: Uint8Array
  readonly remotePublicKey: Uint8Array
  readonly isInitiator: boolean
  readonly rawStream = new FakeRawStream()
  readonly opened: Promise<boolean>
  handshakeHash: Uint8Array | null = null
  userData: unknown = null
  rawBytesRead = 0
  rawBytesWritten = 0
  connected = false
  keepAlive = 0
  timeout = 0
  keepAlivesSent = 0
  readonly #post: Post
  #remote: FakeConnection | null = null
  #setOpened: (isOpen: boolean) => void = () => {}
  #opening: ((error: Error | null) => void) | null = null
  #stalledWrite: (() => void) | null = null
  #error: Error | null = null

  constructor(publicKey: Uint8Array, remotePublicKey: Uint8Array, isInitiator: boolean, post: Post) {
    super()
    this.publicKey = publicKey
    this.remotePublicKey = remotePublicKey
    this.isInitiator = isInitiator
    this.#post = post
    this.opened = new Promise((resolve) => {
      this.#setOpened = resolve
    })
    // Makes the stream open as soon as it can, without a reader.
    this.resume().pause()
  }

  /** Joins two ends. */
  static link(one: FakeConnection, other: FakeConnection): void {
    one.#remote = other
    other.#remote = one
  }

  get noiseStream(): this {
    return this
  }

  /** The other end, null before the handshake has got that far. */
  get remote(): FakeConnection | null {
    return this.#remote
  }

  /** The connection as the swarm sees it. */
  asConnection(): Connection {
    return this as unknown as Connection
  }

  /** The handshake is finished on this side: the header goes to the remote. */
  markOpen(isMute = false): void {
    if (this.connected || this.destroying) return
    this.connected = true
    this.#setOpened(true)
    this.#opening?.(null)
    this.#opening = null
    const remote = this.#remote
    if (!isMute) this.#post(() => remote?.rawStream.receive(56))
  }

  /** The link dies: both sides see an error. */
  kill(code = 'ETIMEDOUT'): void {
    this.destroy(Object.assign(new Error(code), { code }))
  }

  sendKeepAlive(): void {
    this.keepAlivesSent++
  }

  setKeepAlive(intervalMs: number): void {
    this.keepAlive = intervalMs
  }

  setTimeout(timeoutMs: number): void {
    this.timeout = timeoutMs
  }

  override _open(done: (error: Error | null) => void): void {
    if (this.connected) done(null)
    else this.#opening = done
  }

  override _read(done: (error: Error | null) => void): void {
    const resume = this.#remote?.takeStalledWrite()
    done(null)
    resume?.()
  }

  override _write(data: Uint8Array, done: (error: Error | null) => void): void {
    const remote = this.#remote
    this.rawBytesWritten += data.byteLength
    this.rawStream.bytesTransmitted += data.byteLength
    this.#post(() => {
      if (remote === null || remote.destroying) return done(null)
      remote.rawBytesRead += data.byteLength
      remote.rawStream.receive(data.byteLength)
      if (remote.push(data)) done(null)
      else this.#stalledWrite = () => done(null)
    })
  }

  override _final(done: (error: Error | null) => void): void {
    const remote = this.#remote
    this.#post(() => {
      if (remote !== null && !remote.destroying) remote.push(null)
      done(null)
    })
  }

  /** A stream that is still opening is destroyed once it has opened or failed to open. */
  override _predestroy(): void {
    this.#setOpened(false)
    this.#opening?.(this.#error ?? new Error('destroyed before it was open'))
    this.#opening = null
    this.#stalledWrite?.()
  }

  override _destroy(done: (error: Error | null) => void): void {
    const remote = this.#remote
    if (remote !== null) this.#post(() => remote.onRemoteGone(this.#error))
    done(null)
  }

  override destroy(error?: Error | null): void {
    if (error && !this.destroying) this.#error = error
    super.destroy(error)
  }

  /** @internal */
  takeStalledWrite(): (() => void) | null {
    const resume = this.#stalledWrite
    this.#stalledWrite = null
    return resume
  }

  /** @internal */
  onRemoteGone(error: Error | null): void {
    this.#stalledWrite?.()
    if (this.destroying) return
    // An end that was finished in both directions closes on its own, without an error.
    if (error !== null) this.destroy(Object.assign(new Error('connection reset by peer'), { code: 'ECONNRESET' }))
    else this.destroy()
  }
}
