import type { Clock } from '@swarmway/runtime'
import type { PathTransport } from '../path-transport.js'
import { normalCandidate, splitDescription } from './candidates.js'
import { ChannelTransport } from './channel-transport.js'
import { ATTEMPT_TIMEOUT_MS, MAX_CANDIDATES } from './limits.js'
import type { RtcCandidate, RtcDataChannel, RtcDescription, RtcPeerConnection } from './rtc.js'
import type { Signal } from './signals.js'

/** What implementations take that tell no limit. */
const DEFAULT_MESSAGE_BYTES = 16 * 1024

/** What an attempt needs. */
export interface AttemptContext {
  readonly clock: Clock
  /** Throws what the implementation throws. */
  createPeerConnection(): RtcPeerConnection
  /** Whether to try this address of the peer. */
  isAllowed(candidate: string): boolean
}

/** What becomes of an attempt. */
export interface AttemptListener {
  send(signal: Signal): void
  /** The channel is open. Whether the peer is at its other end is not known yet. */
  onOpen(transport: PathTransport): void
  /** Called once, at any time, unless `close` was called before. */
  onFailed(error: Error): void
  /** Its peer connection is closed. Called once. */
  onClosed(): void
}

/** One attempt to open a direct path, and the peer connection that carries it from then on. */
export class Attempt {
  /** Its number, which is that of its path. */
  readonly id: number
  /** Whether the path has been handed over. Closing it closes the rest. */
  isOpen = false
  readonly #context: AttemptContext
  readonly #listener: AttemptListener
  readonly #connection: RtcPeerConnection
  readonly #channel: RtcDataChannel
  /** Candidates that came before the description. Null from then on. */
  #waiting: RtcCandidate[] | null = []
  #candidateCount = 0
  #timer: unknown = null
  #isClosed = false

  /** Throws if there can be no peer connection. */
  constructor(id: number, context: AttemptContext, listener: AttemptListener) {
    this.id = id
    this.#context = context
    this.#listener = listener
    this.#connection = context.createPeerConnection()
    this.#connection.onicecandidate = (event: { candidate: RtcCandidate | null }) => this.#onCandidate(event.candidate)
    this.#connection.onconnectionstatechange = () => this.#onState()
    this.#channel = this.#connection.createDataChannel('swarmway', { negotiated: true, id: 0 })
    this.#channel.binaryType = 'arraybuffer'
    this.#channel.onopen = () => this.#onOpen()
    this.#timer = context.clock.setTimeout(() => this.#fail('took too long'), ATTEMPT_TIMEOUT_MS)
  }

  /** Describes our side to the peer. */
  offer(): void {
    this.#run(async () => this.#describe('offer', await this.#connection.createOffer()))
  }

  /** The peer has described its side. */
  describe(type: RtcDescription['type'], text: string): void {
    const { sdp, candidates } = splitDescription(text)
    for (const candidate of candidates) this.addCandidate(candidate, 0)
    this.#run(async () => {
      await this.#connection.setRemoteDescription({ type, sdp })
      if (this.#isClosed) return
      for (const candidate of this.#waiting ?? []) this.#try(candidate)
      this.#waiting = null
      if (type === 'offer') await this.#describe('answer', await this.#connection.createAnswer())
    })
  }

  /** The peer names an address. False if it has named too many. */
  addCandidate(candidate: string, index: number): boolean {
    if (++this.#candidateCount > MAX_CANDIDATES) return false
    if (!this.#context.isAllowed(candidate)) return true
    const named = { candidate, sdpMid: null, sdpMLineIndex: index }
    if (this.#waiting === null) this.#try(named)
    else this.#waiting.push(named)
    return true
  }

  /** The path is in use: it may take any time from now on. */
  confirm(): void {
    this.#context.clock.clearTimeout(this.#timer)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#context.clock.clearTimeout(this.#timer)
    this.#connection.onicecandidate = this.#connection.onconnectionstatechange = this.#channel.onopen = null
    this.#connection.close()
    this.#listener.onClosed()
  }

  async #describe(type: RtcDescription['type'], { sdp = '' }: { sdp?: string }): Promise<void> {
    if (this.#isClosed) return
    await this.#connection.setLocalDescription({ type, sdp })
    if (!this.#isClosed) this.#listener.send({ type, attempt: this.id, index: 0, text: sdp })
  }

  #onCandidate(candidate: RtcCandidate | null): void {
    if (this.#isClosed || !candidate?.candidate) return
    const text = normalCandidate(candidate.candidate)
    this.#listener.send({ type: 'candidate', attempt: this.id, index: candidate.sdpMLineIndex ?? 0, text })
  }

  /** A wrong one costs only itself. */
  #try(candidate: RtcCandidate): void {
    this.#connection.addIceCandidate(candidate).catch(ignore)
  }

  #onOpen(): void {
    if (this.#isClosed) return
    this.isOpen = true
    const size = this.#connection.sctp?.maxMessageSize ?? DEFAULT_MESSAGE_BYTES
    this.#listener.onOpen(new ChannelTransport(this.#channel, size, this.#context.clock, () => this.close()))
  }

  #onState(): void {
    const { connectionState } = this.#connection
    if (connectionState === 'failed' || connectionState === 'closed') this.#fail('failed')
  }

  #run(step: () => Promise<void>): void {
    step().catch((error: unknown) => this.#fail('failed', error))
  }

  #fail(how: string, cause?: unknown): void {
    if (this.#isClosed) return
    this.close()
    this.#listener.onFailed(new Error(`the attempt to open a direct path ${how}`, { cause }))
  }
}

function ignore(): void {}
