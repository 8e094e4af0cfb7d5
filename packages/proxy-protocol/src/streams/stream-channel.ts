import { codeOf, type FittedWindow, reasonOf, trace } from '@swarmway/runtime'
import type { FrameOwner } from '../delivery/frame-log.js'
import { isErrorCode, type ProxyError, protocolError } from '../errors.js'
import { encodeCredit, encodeEnd, encodeReset } from '../wire/session-frames.js'
import type { Grouped } from './grouped-turns.js'
import { ReceiveQueue } from './receive-queue.js'
import { type DataFrame, SendQueue } from './send-queue.js'
import type { Turn } from './turns.js'

/** What a channel needs from the stream table. */
export interface ChannelHost {
  /** The round trip to the peer; 0 until it is known. */
  readonly roundTripMs: number
  /** Names the session in traces. */
  readonly label: string | number | null
  /** Sends a control frame. */
  control(frame: Uint8Array): void
  /** The channel has something to send and may send it. */
  ready(channel: StreamChannel): void
  /** Both directions have had their last frame: the id is free. */
  settled(channel: StreamChannel): void
}

/** The user of a channel: a {@link PeerStream}, or code that passes its bytes on at once. */
export interface ChannelShell {
  /** Bytes that it wants to send and the session has not sent. */
  readonly bufferedBytes: number
  /** Data may be ready to pull. */
  onReadable(): void
  /** Everything written is on its way. */
  onWritten(): void
  /** The peer or the session ended the stream. */
  onFailure(error: ProxyError): void
}

/** Waits until `target` bytes are acknowledged. */
interface Flush {
  readonly target: number
  readonly resolve: (arrived: boolean) => void
}

const NO_FLUSHES: readonly Flush[] = []

/** Options of a channel. */
export interface ChannelOptions {
  /** The stream's number. */
  id: number
  /** Whether the peer opened it. */
  remote: boolean
  /** Bytes that we may send at once. */
  sendCredit: number
  /** Bytes that the peer may send ahead of our reader. */
  receiveWindow: FittedWindow
}

/**
 * The protocol side of one stream. Each direction ends with exactly one END or RESET; an id stays in use until both
 * were sent. A side that receives a RESET answers with one unless it has already sent its END or RESET, so a side
 * that has reset a stream knows how long frames for it can still arrive. It ignores them until then, at the cost of
 * this object, which counts against the stream limit.
 */
export class StreamChannel implements FrameOwner, Grouped {
  /** The stream's number. */
  readonly id: number
  /** Whether the peer opened it. */
  readonly remote: boolean
  /** Its user; `null` for a refused stream. */
  shell: ChannelShell | null = null
  turn: Turn = 'none'
  /** Streams with the same group share the turns of one. Set it before anything is written. */
  group: object | null = null
  /** Payload bytes handed to the session. */
  sentBytes = 0
  /** Payload bytes that the peer has acknowledged. */
  ackedBytes = 0

  readonly #host: ChannelHost
  readonly #outgoing: SendQueue
  readonly #incoming: ReceiveQueue
  #isWriting = false
  #lent = 0
  #saidLast = false
  #heardLast = false
  #dropped = false
  #settled = false
  #flushes: readonly Flush[] = NO_FLUSHES

  /** Created by the stream table. */
  constructor(host: ChannelHost, options: ChannelOptions) {
    this.#host = host
    this.id = options.id
    this.remote = options.remote
    this.#outgoing = new SendQueue(options.id, options.sendCredit)
    this.#incoming = new ReceiveQueue(options.receiveWindow)
  }

  /** Whether a frame can be taken. */
  get sendable(): boolean {
    return !this.#saidLast && this.#outgoing.sendable
  }

  /** Whether the peer has ended its direction and everything before that was pulled. */
  get drained(): boolean {
    return this.#heardLast && this.#incoming.bytes === 0
  }

  /** Milliseconds of a round trip on the link, 0 before it is measured. */
  get roundTripMs(): number {
    return this.#host.roundTripMs
  }

  /** Bytes written that wait to be sent. */
  get unsentBytes(): number {
    return this.#outgoing.bytes
  }

  /** Bytes received and not pulled. */
  get unreadBytes(): number {
    return this.#incoming.bytes
  }

  /** Queues bytes; the shell's `onWritten` is called when all of them were taken, perhaps before this returns. */
  write(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.#outgoing.push(chunk)
    this.#isWriting = true
    if (this.#outgoing.bytes === 0 || this.#saidLast) this.#reportWritten()
    else this.#host.ready(this)
  }

  /** The next frame, of at most `limit` bytes; only if `sendable`. */
  takeFrame(limit: number): DataFrame {
    const frame = this.#outgoing.take(limit)
    this.sentBytes += frame.payloadBytes
    return frame
  }

  /** Call it when a taken frame is on its way: the application may continue. */
  afterTake(): void {
    if (this.#outgoing.bytes === 0) this.#reportWritten()
  }

  /** No more writes follow; everything written was taken. */
  finish(): void {
    if (this.#saidLast) return
    this.#saidLast = true
    this.#host.control(encodeEnd(this.id))
    this.#settle()
  }

  /**
   * The next bytes for the reader, or `null`. A call means that the reader is done with the previous bytes: only then
   * is their credit returned to the peer.
   */
  pull(): Uint8Array | null {
    this.#returnCredit()
    const chunk = this.#incoming.shift()
    if (chunk === undefined) return null
    this.#lent = chunk.byteLength
    return chunk
  }

  /** The application destroyed its end. */
  abandon(error: Error | null): void {
    this.#drop()
    if (this.#settled || (this.#saidLast && this.#heardLast)) return
    this.#saidLast = true
    const wireError = wireErrorOf(error)
    trace.stream?.('reset', { ...this.#name, remote: false, code: wireError.code, reason: wireError.message })
    this.#host.control(encodeReset(this.id, wireError))
    this.#settle()
  }

  /** As traces name the stream. */
  get #name(): { session: string | number | null; id: number } {
    return { session: this.#host.label, id: this.id }
  }

  /** Resolves true once the peer's session has `target` more bytes of this stream; false if it never will. */
  whenAcked(target: number): Promise<boolean> {
    if (this.ackedBytes >= target) return Promise.resolve(true)
    if (this.#dropped) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.#flushes = [...this.#flushes, { target, resolve }]
    })
  }

  /** From the frame log. */
  onAcked(payloadBytes: number): void {
    this.ackedBytes += payloadBytes
    if (this.#flushes.length === 0) return
    for (const { resolve } of this.#flushes.filter((flush) => flush.target <= this.ackedBytes)) resolve(true)
    this.#flushes = this.#flushes.filter((flush) => flush.target > this.ackedBytes)
  }

  /** From the frame log: the session is over, and nothing more will be acknowledged. */
  onLost(): void {
    const lost = this.#flushes
    this.#flushes = NO_FLUSHES
    for (const { resolve } of lost) resolve(false)
  }

  /** STREAM_DATA. @throws ProxyError `PROTOCOL_ERROR` */
  onData(payload: Uint8Array): void {
    if (this.#heardLast) throw protocolError('data after the end of a stream')
    this.#incoming.charge(payload.byteLength)
    if (this.#dropped) return
    this.#incoming.push(payload)
    this.shell?.onReadable()
  }

  /** STREAM_CREDIT. @throws ProxyError `PROTOCOL_ERROR` */
  onCredit(bytes: number): void {
    this.#outgoing.addCredit(bytes)
    if (this.sendable) this.#host.ready(this)
  }

  /** STREAM_END. @throws ProxyError `PROTOCOL_ERROR` */
  onEnd(): void {
    if (this.#heardLast) throw protocolError('a second end of a stream')
    this.#heardLast = true
    if (!this.#dropped) this.shell?.onReadable()
    this.#settle()
  }

  /** STREAM_RESET. */
  onReset(error: ProxyError): void {
    trace.stream?.('reset', { ...this.#name, remote: true, ...reasonOf(error) })
    this.#heardLast = true
    if (!this.#saidLast) this.#host.control(encodeReset(this.id, { code: 'STREAM_RESET', message: '' }))
    this.#saidLast = true
    this.#settle()
    this.fail(error)
  }

  /** Ends the application's end without telling the peer. */
  fail(error: ProxyError): void {
    this.#saidLast = this.#heardLast = this.#settled = true
    const wasDropped = this.#dropped
    this.#drop()
    if (!wasDropped) this.shell?.onFailure(error)
  }

  #returnCredit(): void {
    if (this.#lent === 0) return
    const credit = this.#incoming.consume(this.#lent, this.#host.roundTripMs)
    this.#lent = 0
    if (credit > 0 && !this.#heardLast) this.#host.control(encodeCredit(this.id, credit))
  }

  #drop(): void {
    this.#dropped = true
    this.#outgoing.clear()
    this.#incoming.clear()
    this.#isWriting = false
    this.onLost()
  }

  #reportWritten(): void {
    if (!this.#isWriting) return
    this.#isWriting = false
    this.shell?.onWritten()
  }

  #settle(): void {
    if (this.#settled || !this.#saidLast || !this.#heardLast) return
    this.#settled = true
    this.#host.settled(this)
  }
}

/** What the peer learns about an error: its code, if that can be sent, and its message. */
function wireErrorOf(error: Error | null): { code: string; message: string } {
  if (error === null) return { code: 'STREAM_RESET', message: 'destroyed by the other end' }
  const code = codeOf(error)
  return { code: isErrorCode(code) ? code : 'STREAM_RESET', message: error.message }
}
