import {
  type AnnouncedLimits,
  ask,
  type ChannelShell,
  limitReached,
  type PeerStream,
  type ProxyError,
  RateLimit,
  type RequestOptions,
  rateLimited,
  SERVER_REQUESTS,
  type Session,
  type SignBody,
  type StreamChannel,
  type StreamMeta,
  streamMeta
} from '@swarmway/proxy-protocol'
import { codeOf } from '@swarmway/runtime'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import type { ClientLimits } from '../limits.js'
import { count } from '../stats/counters.js'
import { ALL_ALLOWED, type AuthGrant, assertAllowed } from './authenticate.js'
import { SignatureQueue } from './signature-queue.js'

const NO_RESETS: Readonly<Record<string, number>> = Object.freeze({})

/** Options of a port. */
export interface PortOptions {
  readonly context: ServerResources
  readonly session: Session
  /** The client's number. */
  readonly serial: number
  readonly limits: ClientLimits
  /** What the client has announced to accept. */
  readonly announced: AnnouncedLimits
  /** What is left of the burst of LISTENs. Default: 1, all of it. */
  readonly listenFill: number | undefined
}

/**
 * A client, as the parts of the server talk to it: adds the encoding of bodies and the client's limits to a session.
 */
export class ClientPort implements Client {
  readonly limits: ClientLimits
  /** Decides about topics; replaced when a later link is authenticated. */
  grant: AuthGrant = ALL_ALLOWED
  /** From the latest link. */
  host: string | null = null
  /** From the latest link. */
  network: string
  /** What the client has announced to accept. */
  readonly #announced: AnnouncedLimits
  readonly #context: ServerResources
  readonly #session: Session
  // Created when needed: most clients of a large server are idle most of the time.
  #listens: RateLimit | null = null
  #resets: Record<string, number> | null = null
  #signatures: SignatureQueue | null = null
  #ended: AbortController | null = null
  #end: ProxyError | null = null

  constructor({ announced, context, limits, listenFill = 1, serial, session }: PortOptions) {
    this.network = `client ${serial}`
    this.limits = limits
    this.#context = context
    this.#session = session
    this.#announced = announced
    if (listenFill < 1) this.#listens = this.#newListens(listenFill)
  }

  /** What is left of the burst of LISTENs. */
  get listenFill(): number {
    return this.#listens?.fill ?? 1
  }

  get destroyed(): boolean {
    return this.#session.destroyed
  }

  get attached(): boolean {
    return this.#session.attached
  }

  /** Number of streams that ended with an error, by code. */
  get resets(): Readonly<Record<string, number>> {
    return this.#resets ?? NO_RESETS
  }

  get hasRoomForStream(): boolean {
    return this.#session.streamCount < this.limits.maxStreams
  }

  get signal(): AbortSignal {
    this.#ended ??= this.#makeEnd()
    return this.#ended.signal
  }

  request(op: number, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return this.#session.request(op, body, options)
  }

  onUnreadable(error: ProxyError): void {
    this.destroy(error)
  }

  sign(body: SignBody, signal: AbortSignal = this.signal): Promise<Uint8Array> {
    const options = { signal, timeoutMs: this.#context.limits.peerHandshakeTimeoutMs }
    this.#signatures ??= new SignatureQueue(this, this.#announced, this.#context.clock)
    return ask(this.#signatures, SERVER_REQUESTS.SIGN, body, options)
  }

  notify(op: number, body: Uint8Array): void {
    try {
      this.#session.notify(op, body)
    } catch {
      // The client's buffers are full, or its session is over. Its next lookup finds what it missed.
    }
  }

  openStream(meta: StreamMeta): PeerStream {
    const stream = this.#open((bytes) => this.#session.openStream(bytes), meta)
    stream.on('error', (error) => this.countReset(error))
    return stream
  }

  openChannel(shell: ChannelShell, meta: StreamMeta): StreamChannel {
    return this.#open((bytes) => this.#session.openChannel(shell, bytes), meta)
  }

  countReset(error: Error): void {
    const code = codeOf(error, 'UNKNOWN')
    this.#resets ??= {}
    count(this.#resets, code)
    this.#context.counters.countReset(code)
  }

  assertTopic(topic: Uint8Array): Promise<void> {
    const { clock, limits } = this.#context
    return assertAllowed(this.grant, topic, { clock, timeoutMs: limits.authTimeoutMs })
  }

  atLimit(name: keyof ClientLimits, what: string): ProxyError {
    this.#context.counters.countLimitHit(name)
    return limitReached(`${what} (${name})`, this.limits[name])
  }

  countListen(): void {
    this.#listens ??= this.#newListens(1)
    if (this.#listens.take()) return
    this.#context.counters.countLimitHit('listensPerSecond')
    throw rateLimited('LISTENs (listensPerSecond)', this.limits.listensPerSecond)
  }

  #newListens(fill: number): RateLimit {
    const { listensPerSecond } = this.limits
    return new RateLimit(listensPerSecond, this.#context.clock, listensPerSecond, fill)
  }

  destroy(error: ProxyError): void {
    this.#session.destroy(error)
  }

  /** The session is over. */
  onClose(error: ProxyError): void {
    this.#end = error
    this.#signatures?.destroy(error)
    this.#ended?.abort(error)
  }

  #makeEnd(): AbortController {
    const ended = createAbort()
    if (this.#end !== null) ended.abort(this.#end)
    return ended
  }

  #open<Stream>(open: (meta: Uint8Array) => Stream, meta: StreamMeta): Stream {
    if (!this.hasRoomForStream) throw this.atLimit('maxStreams', 'streams')
    const stream = open(streamMeta.encode(meta))
    this.#context.counters.streamsOpened++
    return stream
  }
}
