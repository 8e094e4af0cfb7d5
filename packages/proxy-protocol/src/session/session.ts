import { callApplication, reasonOf, systemClock, trace } from '@swarmway/runtime'
import { AckSchedule } from '../delivery/ack-schedule.js'
import { FrameSender } from '../delivery/frame-sender.js'
import { bufferLimit, destroyed, limitReached, ProxyError, protocolError, toProxyError } from '../errors.js'
import { type ProtocolLimits, verifyLimits } from '../limits.js'
import type { Link } from '../link/link.js'
import type { LinkHandler } from '../link/link-types.js'
import { IncomingNotifications } from '../requests/incoming-notifications.js'
import { IncomingRequests, refuseRequest } from '../requests/incoming-requests.js'
import { OutgoingRequests, type RequestOptions } from '../requests/outgoing-requests.js'
import type { PeerStream } from '../streams/peer-stream.js'
import type { ChannelShell, StreamChannel } from '../streams/stream-channel.js'
import { StreamTable } from '../streams/stream-table.js'
import type { AnnouncedLimits } from '../wire/greeting.js'
import { encodeAck } from '../wire/link-frames.js'
import { assertOperation, encodeNotify } from '../wire/session-frames.js'
import { FrameReceiver, type FrameTakers } from './frame-receiver.js'
import { collectStats, type SessionStats } from './session-stats.js'
import { FULL_RATES, type RateFill, type SessionOptions } from './session-types.js'

/**
 * Requests, notifications and streams between two sides, over a succession of links. Each frame is numbered, kept within
 * bounds until acknowledged, and sent again on the next link if it did not arrive. These are frames of its own rather than
 * Protomux, as docs/decisions/0013-frames-instead-of-protomux.md says.
 */
export class Session implements LinkHandler {
  readonly #limits: ProtocolLimits
  readonly #options: SessionOptions
  readonly #label: string | number | null
  readonly #sender: FrameSender
  readonly #receiver: FrameReceiver
  readonly #streams: StreamTable
  readonly #takers: FrameTakers
  readonly #acks: AckSchedule
  #link: Link | null = null
  #error: ProxyError | null = null
  #peerLimits: AnnouncedLimits | null = null
  #links = 0

  /**
   * Creates a session without a link.
   * @throws TypeError for a bad option
   */
  constructor(options: SessionOptions) {
    const clock = options.clock ?? systemClock
    this.#options = options
    this.#label = options.label ?? null
    this.#limits = verifyLimits(options.limits)
    const { onOverdue } = options
    const outlet = new FrameSender(this.#limits, clock, (error) => this.destroy(error), onOverdue)
    this.#sender = outlet
    const { isInitiator, onChannel, onStream, rateFill = FULL_RATES } = options
    this.#streams = new StreamTable({
      outlet,
      onStream,
      onChannel,
      isInitiator,
      limits: this.#limits,
      clock,
      label: this.#label,
      rateFill: rateFill.streams
    })
    const { onNotify, onRequest = refuseRequest } = options
    const asking = new IncomingRequests(onRequest, outlet, this.#limits, clock, rateFill.requests)
    const notifies = new IncomingNotifications(onNotify, this.#limits, clock, rateFill.notifications)
    this.#acks = new AckSchedule(this.#limits, clock, () => this.#sendAck())
    this.#sender.connect(this.#streams, this.#acks)
    this.#takers = { acks: this.#acks, sender: outlet, asking, asked: null, notifies, streams: this.#streams }
    this.#receiver = new FrameReceiver(this.#takers)
  }

  /** The limits of this side, for a HELLO or WELCOME. */
  get announcedLimits(): AnnouncedLimits {
    const { maxStreams, maxRequests, requestsPerSecond, maxBodyBytes } = this.#limits
    return { maxStreams, maxRequests, requestsPerSecond, maxBodyBytes }
  }

  /** Sequenced frames received; the other side needs it to resume over a new link. */
  get received(): number {
    return this.#acks.received
  }

  /** What is left of the bursts that the peer may send; for the option `rateFill` of its next session. */
  get rateFill(): RateFill {
    return {
      requests: this.#takers.asking.rateFill,
      notifications: this.#takers.notifies.rateFill,
      streams: this.#streams.rateFill
    }
  }

  /** Whether there is a link. */
  get attached(): boolean {
    return this.#link !== null
  }

  /** Whether the session is over. */
  get destroyed(): boolean {
    return this.#error !== null
  }

  /** Why it is over; `null` while it is not. */
  get error(): ProxyError | null {
    return this.#error
  }

  /**
   * A snapshot of the open streams by id, except those that `openChannel` opened. Streams that both sides have ended may
   * be missing although unread data remains.
   */
  get streams(): ReadonlyMap<number, PeerStream> {
    return this.#streams.streams
  }

  /** Number of open streams. */
  get streamCount(): number {
    return this.#streams.size
  }

  /** A snapshot of all numbers. */
  get stats(): SessionStats {
    return collectStats({
      streams: this.#streams,
      asked: this.#takers.asked,
      asking: this.#takers.asking,
      sender: this.#sender,
      received: this.#acks.received,
      links: this.#links
    })
  }

  /**
   * Continues over a link. `remoteReceived` is the peer's count (`received` of its HELLO or WELCOME); frames that it
   * has not received are sent again. With `remoteLimits`, from the same frame, this side respects the peer's limits:
   * requests beyond them wait, and `openStream` refuses; they apply to later links too. A link that was attached
   * before is destroyed. When resuming, the side that answers must first detach and then read `received`, so that no
   * frame of the old link slips in between. An impossible count ends the session with `PROTOCOL_ERROR`.
   */
  attach(link: Link, remoteReceived: number, remoteLimits?: AnnouncedLimits): void {
    this.detach()
    if (remoteLimits !== undefined) this.#peerLimits = remoteLimits
    if (this.#error !== null) link.close(this.#error)
    else if (link.error !== null) this.onClose(link.error)
    else this.#goOn(link, remoteReceived)
  }

  /** Destroys the link; the session waits for another. */
  detach(): void {
    const link = this.#letGo()
    if (link === null) return
    link.handler = null
    link.destroy()
  }

  /**
   * Sends a request to the peer. Without a link, the request waits for one. Rejects with a `ProxyError`: the peer's
   * (`remote`), `LIMIT` (body too long), `BUFFER_LIMIT`, `REQUEST_TIMEOUT`, `ABORTED`, or what ended the session.
   */
  async request(op: number, body: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    this.#verifyMessage(op, body)
    if (options.signal?.aborted)
      throw new ProxyError('ABORTED', 'aborted before it began', { cause: options.signal.reason })
    return this.#outgoing.begin(op, body, options.timeoutMs ?? this.#limits.requestTimeoutMs, options.signal)
  }

  /**
   * Sends a notification to the peer; without a link, it waits for one.
   * @throws ProxyError `LIMIT`, `BUFFER_LIMIT` or what ended the session
   */
  notify(op: number, body: Uint8Array): void {
    this.#verifyMessage(op, body)
    this.#sender.append(encodeNotify(op, body))
  }

  /**
   * Opens a stream; written data waits for a link and for credit.
   * @throws ProxyError `LIMIT` (the peer's number of streams, or too long a meta block), `BUFFER_LIMIT` or what
   * ended the session
   */
  openStream(meta: Uint8Array): PeerStream {
    this.#verifyRoom(meta.byteLength)
    return this.#streams.open(meta)
  }

  /**
   * Opens a stream for a shell that needs no buffers of its own, because it passes on what arrives; such a stream takes a
   * quarter of the memory of a PeerStream.
   * @throws ProxyError like `openStream`
   */
  openChannel(shell: ChannelShell, meta: Uint8Array): StreamChannel {
    this.#verifyRoom(meta.byteLength)
    return this.#streams.openFor(shell, meta)
  }

  /**
   * Ends the session: streams end with the error, requests reject, and the peer, if a link is attached, gets a
   * GOODBYE with its code. Repeated calls are fine.
   */
  destroy(error: ProxyError = destroyed('the session')): void {
    if (this.#error !== null) return
    this.#error = error
    trace.session?.('closed', { session: this.#label, ...reasonOf(error), remote: error.remote })
    const link = this.#letGo()
    if (link !== null) {
      link.handler = null
      link.close(error)
    }
    this.#streams.destroy(error)
    this.#takers.asked?.destroy(error)
    this.#sender.close()
    this.#tell(this.#options.onClose, error)
  }

  /** @internal From the link of the moment. */
  onFrame(type: number, body: Uint8Array): void {
    try {
      this.#receiver.onFrame(type, body)
    } catch (error) {
      this.destroy(toProxyError(error))
    }
  }

  /** @internal From the link of the moment. */
  onDrain(): void {
    this.#sender.pump()
  }

  /** @internal From the link of the moment. A GOODBYE ends the session; anything else ends only the link. */
  onClose(error: ProxyError): void {
    this.#letGo()
    if (error.remote || FATAL.has(error.code)) this.destroy(error)
    else {
      trace.session?.('detached', { session: this.#label, ...reasonOf(error) })
      this.#tell(this.#options.onDetach, error)
    }
  }

  #goOn(link: Link, remoteReceived: number): void {
    this.#link = link
    this.#links++
    link.sessionLabel = this.#label
    trace.session?.('attached', { session: this.#label, link: link.number, links: this.#links })
    link.handler = this
    if (this.#sender.attach(link, remoteReceived)) {
      this.#acks.restart()
      this.#streams.peerMaxStreams = this.#peerLimits?.maxStreams ?? Number.POSITIVE_INFINITY
      this.#takers.asked?.setLimits(this.#peerLimits)
    } else {
      this.destroy(protocolError('a count of frames never sent'))
    }
  }

  /** Made with the first request: a server seldom asks its clients. */
  get #outgoing(): OutgoingRequests {
    const { asked } = this.#takers
    if (asked !== null) return asked
    const made = new OutgoingRequests(this.#sender, this.#options.clock ?? systemClock, this.#limits.maxControlBytes)
    if (this.#links > 0) made.setLimits(this.#peerLimits)
    this.#takers.asked = made
    return made
  }

  #tell(listener: ((error: ProxyError) => void) | undefined, error: ProxyError): void {
    callApplication(() => listener?.(error), ignore)
  }

  #letGo(): Link | null {
    const link = this.#link
    this.#link = null
    this.#sender.detach()
    this.#acks.stop()
    return link
  }

  #verifyMessage(op: number, body: Uint8Array): void {
    assertOperation(op)
    const { maxBodyBytes } = this.#limits
    if (body.byteLength > maxBodyBytes) throw limitReached('bytes of a body', maxBodyBytes)
    this.#verifyRoom(body.byteLength)
  }

  #verifyRoom(bytes: number): void {
    if (this.#error !== null) throw this.#error
    const { maxControlBytes } = this.#limits
    if (this.#sender.bytesOf('control') + bytes > maxControlBytes) throw bufferLimit('control frames', maxControlBytes)
  }

  #sendAck(): boolean {
    if (this.#link === null || !this.#link.writable) return false
    this.#link.send(encodeAck(this.#acks.received))
    return true
  }
}

/** Errors detected by the link that are the peer's fault, not the network's. */
const FATAL: ReadonlySet<string> = new Set(['PROTOCOL_ERROR', 'FRAME_TOO_LARGE'])

function ignore(): void {}
