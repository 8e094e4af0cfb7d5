import type { Clock } from '@swarmway/runtime'
import { FittedWindow, type FittedWindowOptions, LazyMap, RateLimit, reasonOf, trace } from '@swarmway/runtime'
import type { FrameOutlet } from '../delivery/frame-sender.js'
import { internalError, limitReached, ProxyError, protocolError, rateLimited, withoutStack } from '../errors.js'
import { INITIAL_CREDIT_BYTES, type ProtocolLimits } from '../limits.js'
import { copyOf } from '../wire/bytes.js'
import { FRAME } from '../wire/frame-types.js'
import {
  decodeCredit,
  decodeData,
  decodeEnd,
  decodeOpen,
  decodeReset,
  encodeCredit,
  encodeOpen
} from '../wire/session-frames.js'
import { GroupedTurns } from './grouped-turns.js'
import { PeerStream } from './peer-stream.js'
import { type ChannelHost, type ChannelOptions, type ChannelShell, StreamChannel } from './stream-channel.js'

/** The window of a new stream, which grows if its reader keeps up. */
const FIRST_WINDOW_BYTES = 256 * 1024
const MAX_STREAM_ID = 0xffffffff

/** Options of a stream table. */
export interface StreamTableOptions {
  /** Sends its frames. */
  outlet: FrameOutlet
  /** The peer opened a stream; throwing refuses it. Without this handler, streams are refused. */
  onStream: ((stream: PeerStream) => void) | undefined
  /** The same for code that passes on what arrives, and makes a shell for the channel. Default: `onStream`. */
  onChannel?: ((channel: StreamChannel, meta: Uint8Array) => ChannelShell) | undefined
  /** Decides which side uses the odd ids. */
  isInitiator: boolean
  /** See {@link ProtocolLimits}. */
  limits: ProtocolLimits
  /** For the rate limit. */
  clock: Clock
  /** Names the session in traces. */
  label: string | number | null
  /** What is left of the burst of streams that the peer may open. Default: 1, all of it. */
  rateFill?: number
}

/** The streams of a session: their ids, frames and turns. */
export class StreamTable implements ChannelHost {
  /** Number of streams that we may have open at once, as the peer announced. */
  peerMaxStreams = Number.POSITIVE_INFINITY
  /** Streams opened by either side so far. */
  opened = 0
  /** Streams of the peer that were refused. */
  refused = 0

  /** Names the session in traces. */
  readonly label: string | number | null
  readonly #outlet: FrameOutlet
  readonly #onStream: ((stream: PeerStream) => void) | undefined
  readonly #onChannel: StreamTableOptions['onChannel']
  readonly #limits: ProtocolLimits
  readonly #clock: Clock
  readonly #rate: RateLimit
  readonly #channels = new LazyMap<number, StreamChannel>()
  #size = 0
  #turns: GroupedTurns<StreamChannel> | null = null
  readonly #window: FittedWindowOptions
  readonly #parity: number
  #nextId: number
  #lastRemoteId = 0
  #remoteCount = 0

  /** Starts without streams. */
  constructor(options: StreamTableOptions) {
    this.label = options.label
    this.#outlet = options.outlet
    this.#onStream = options.onStream
    this.#onChannel = options.onChannel
    this.#limits = options.limits
    this.#clock = options.clock
    const { streamWindowBytes: maxBytes } = options.limits
    const minBytes = Math.min(FIRST_WINDOW_BYTES, maxBytes)
    this.#window = { minBytes, maxBytes }
    this.#parity = options.isInitiator ? 1 : 0
    this.#nextId = options.isInitiator ? 1 : 2
    const { streamsPerSecond } = options.limits
    this.#rate = new RateLimit(streamsPerSecond, options.clock, streamsPerSecond, options.rateFill)
  }

  /** What is left of the burst of streams that the peer may open, 1 at most. */
  get rateFill(): number {
    return this.#rate.fill
  }

  /** The streams whose ids are in use, by id; a snapshot. Streams that were opened for a shell are left out. */
  get streams(): ReadonlyMap<number, PeerStream> {
    const streams = new Map<number, PeerStream>()
    for (const [id, { shell }] of this.#channels) if (shell instanceof PeerStream) streams.set(id, shell)
    return streams
  }

  /** Number of streams whose ids are in use; refused ones are left out. */
  get size(): number {
    return this.#size
  }

  /** Bytes that streams have to send. */
  get bufferedBytes(): number {
    let bytes = 0
    for (const { shell } of this.#channels.values()) bytes += shell?.bufferedBytes ?? 0
    return bytes
  }

  /** Bytes received that wait for a reader. */
  get unreadBytes(): number {
    let bytes = 0
    for (const { unreadBytes } of this.#channels.values()) bytes += unreadBytes
    return bytes
  }

  /**
   * Opens a stream.
   * @throws ProxyError `LIMIT` if the peer allows no more streams, or if the meta block is too long
   */
  open(meta: Uint8Array): PeerStream {
    return new PeerStream(this.#open(meta), meta)
  }

  /** Opens a stream for a shell of its own. @throws ProxyError like `open` */
  openFor(shell: ChannelShell, meta: Uint8Array): StreamChannel {
    const channel = this.#open(meta)
    channel.shell = shell
    return channel
  }

  /** Handles a STREAM_* frame. @throws ProxyError `PROTOCOL_ERROR` or, for far too many streams, `LIMIT` */
  onFrame(type: number, body: Uint8Array): void {
    if (type === FRAME.STREAM_DATA) this.#onData(body)
    else if (type === FRAME.STREAM_CREDIT) this.#onCredit(body)
    else if (type === FRAME.STREAM_OPEN) this.#onOpen(body)
    else if (type === FRAME.STREAM_END) this.#live(decodeEnd(body)).onEnd()
    else if (type === FRAME.STREAM_RESET) this.#onReset(body)
    else throw protocolError(`unknown frame type ${type}`)
  }

  /** The channel whose turn it is to send. */
  takeTurn(): StreamChannel | undefined {
    return this.#turns?.take()
  }

  /** Ends all streams with an error. */
  destroy(error: ProxyError): void {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    this.#size = 0
    this.#turns?.clear()
    for (const channel of channels) channel.fail(error)
  }

  /** For channels. */
  get roundTripMs(): number {
    return this.#outlet.roundTripMs
  }

  /** From a channel. */
  control(frame: Uint8Array): void {
    this.#outlet.append(frame)
  }

  /** From a channel: it has something to send. */
  ready(channel: StreamChannel): void {
    this.#turns ??= new GroupedTurns()
    if (this.#turns.add(channel)) this.#outlet.wake()
  }

  /** From a channel: its id is free. */
  settled(channel: StreamChannel): void {
    if (!this.#channels.delete(channel.id)) return
    if (channel.shell !== null) this.#size--
    if (channel.remote) this.#remoteCount--
  }

  #open(meta: Uint8Array): StreamChannel {
    const own = this.#channels.size - this.#remoteCount
    if (own >= this.peerMaxStreams) throw limitReached('streams open at the peer', this.peerMaxStreams)
    if (this.#nextId > MAX_STREAM_ID) throw limitReached('streams of one session', MAX_STREAM_ID)
    if (meta.byteLength > this.#limits.maxMetaBytes) throw limitReached('bytes of meta', this.#limits.maxMetaBytes)
    const id = this.#nextId
    this.#nextId += 2
    const channel = this.#add({ id, remote: false, sendCredit: INITIAL_CREDIT_BYTES })
    this.#outlet.append(encodeOpen(id, this.#window.minBytes, meta))
    this.#size++
    return channel
  }

  #onData(body: Uint8Array): void {
    const { stream, payload } = decodeData(body)
    this.#live(stream).onData(payload)
  }

  /** Credit and resets may cross with the end of a stream; data and ends may not. */
  #onCredit(body: Uint8Array): void {
    const { stream, credit } = decodeCredit(body)
    this.#known(stream)?.onCredit(credit)
  }

  #onReset(body: Uint8Array): void {
    const { stream, error } = decodeReset(body)
    this.#known(stream)?.onReset(error)
  }

  #onOpen(body: Uint8Array): void {
    const { stream: id, window, meta } = decodeOpen(body)
    this.#claimRemoteId(id)
    const channel = this.#add({ id, remote: true, sendCredit: window })
    const refusal = this.#refusal(meta)
    if (refusal !== null) this.#refuse(channel, refusal)
    else this.#accept(channel, meta)
  }

  #accept(channel: StreamChannel, meta: Uint8Array): void {
    const { id } = channel
    const furtherCredit = this.#window.minBytes - INITIAL_CREDIT_BYTES
    if (furtherCredit > 0) this.control(encodeCredit(id, furtherCredit))
    if (!this.#channels.has(id)) return
    if (this.#onChannel !== undefined) {
      this.#passOn(channel, copyOf(meta), this.#onChannel)
      return
    }
    this.#size++
    this.#introduce(new PeerStream(channel, copyOf(meta)))
  }

  #passOn(channel: StreamChannel, meta: Uint8Array, onChannel: NonNullable<StreamTableOptions['onChannel']>): void {
    try {
      channel.shell = onChannel(channel, meta)
      this.#size++
    } catch (error) {
      this.#refuse(channel, error instanceof ProxyError ? error : internalError(error))
    }
  }

  #introduce(stream: PeerStream): void {
    try {
      if (this.#onStream === undefined) throw withoutStack('NOT_FOUND', 'streams are not accepted here')
      this.#onStream(stream)
    } catch (error) {
      stream.destroy(error instanceof ProxyError ? error : internalError(error))
    }
  }

  #claimRemoteId(id: number): void {
    if (id <= this.#lastRemoteId || (id & 1) === this.#parity) throw protocolError(`STREAM_OPEN with id ${id}`)
    this.#lastRemoteId = id
  }

  #refusal(meta: Uint8Array): ProxyError | null {
    const { maxStreams, maxMetaBytes, streamsPerSecond } = this.#limits
    if (!this.#rate.take()) return rateLimited('streams opened', streamsPerSecond)
    if (this.#remoteCount > maxStreams) return limitReached('streams open', maxStreams)
    if (meta.byteLength > maxMetaBytes) return limitReached('bytes of meta', maxMetaBytes)
    return null
  }

  /** A refused stream keeps its id until the peer confirms; a peer that never confirms is stopped at the bound. */
  #refuse(channel: StreamChannel, error: ProxyError): void {
    this.refused++
    trace.stream?.('refused', { session: this.label, id: channel.id, ...reasonOf(error) })
    channel.abandon(error)
    const bound = Math.max(16, this.#limits.maxStreams * 2)
    if (this.#remoteCount > bound) throw limitReached('streams open or refused', bound)
  }

  #add(options: Omit<ChannelOptions, 'receiveWindow'>): StreamChannel {
    const receiveWindow = new FittedWindow(this.#window, this.#clock)
    const channel = new StreamChannel(this, { ...options, receiveWindow })
    this.#channels.set(channel.id, channel)
    if (channel.remote) this.#remoteCount++
    this.opened++
    trace.stream?.('opened', { session: this.label, id: channel.id, remote: channel.remote })
    return channel
  }

  #live(id: number): StreamChannel {
    const channel = this.#channels.get(id)
    if (channel === undefined) throw protocolError(`a frame for stream ${id}, which is not open`)
    return channel
  }

  #known(id: number): StreamChannel | undefined {
    const channel = this.#channels.get(id)
    if (channel === undefined && !this.#wasOpened(id)) throw protocolError(`a frame for stream ${id}, never opened`)
    return channel
  }

  #wasOpened(id: number): boolean {
    const own = (id & 1) === this.#parity
    return id > 0 && (own ? id < this.#nextId : id <= this.#lastRemoteId)
  }
}
