import type { Clock } from '@swarmway/runtime'
import type { PathTransport } from '../path-transport.js'
import { channelTransport } from './channel-transport.js'
import { ATTEMPT_TIMEOUT_MS } from './limits.js'
import type { ChannelUser, PeerConnection } from './peer-connection.js'
import type { RtcDataChannel } from './rtc.js'

/** What becomes of an attempt. */
export interface AttemptListener {
  /** The channel is open. Whether the peer is at its other end is not known yet. */
  onOpen(transport: PathTransport): void
  /** Called once, at any time, unless `close` was called before. */
  onFailed(error: Error): void
  /** Called once. */
  onClosed(): void
}

/** One attempt to open a direct path, and the channel that carries it from then on. */
export class Attempt implements ChannelUser {
  /** Its number, and its path's. */
  readonly id: number
  /** Whether the path has been handed over. Closing it closes the rest. */
  isOpen = false
  /** What has its channel; null as long as that is not decided. */
  connection: PeerConnection | null = null
  /** Whether it is to use a peer connection that another one has made. */
  isSharing = false
  readonly #clock: Clock
  readonly #listener: AttemptListener
  readonly #timer: unknown
  #channel: RtcDataChannel | null = null
  #isClosed = false

  constructor(id: number, clock: Clock, listener: AttemptListener) {
    this.id = id
    this.#clock = clock
    this.#listener = listener
    this.#timer = clock.setTimeout(() => this.#fail('took too long'), ATTEMPT_TIMEOUT_MS)
  }

  onChannel(channel: RtcDataChannel): void {
    if (this.#isClosed) channel.close()
    else this.#use(channel)
  }

  onFailed(error: Error): void {
    this.#fail('failed', error)
  }

  /** The path is in use: it may take any time from now on. */
  confirm(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.confirm()
    if (this.#channel !== null) this.#channel.onopen = null
    this.#channel?.close()
    this.connection?.leave(this)
    this.#listener.onClosed()
  }

  #use(channel: RtcDataChannel): void {
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    if (channel.readyState === 'open') this.#onOpen(channel)
    else channel.onopen = () => this.#onOpen(channel)
  }

  #onOpen(channel: RtcDataChannel): void {
    if (this.isOpen || this.connection === null) return
    this.isOpen = true
    const { maxMessageBytes } = this.connection
    this.connection.onOpen()
    this.#listener.onOpen(channelTransport(channel, maxMessageBytes, () => this.close()))
  }

  #fail(how: string, cause?: unknown): void {
    if (this.#isClosed) return
    // Those that wait for it to open would only wait again.
    if (this.connection?.isOpen === false) this.connection.isSound = false
    this.close()
    this.#listener.onFailed(new Error(`the attempt to open a direct path ${how}`, { cause }))
  }
}
