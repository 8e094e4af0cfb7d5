import { isDataOnly, normalCandidate, splitDescription } from './candidates.js'
import { MAX_CANDIDATES, MAX_CHANNELS, MAX_DESCRIPTION_LENGTH, MAX_STRAY_CHANNELS } from './limits.js'
import type { RtcCandidate, RtcDataChannel, RtcDescription, RtcPeerConnection } from './rtc.js'

/** What implementations take that state no limit. */
const DEFAULT_MESSAGE_BYTES = 16 * 1024

/** The first channel: both sides make it. */
const NEGOTIATED = { negotiated: true, id: 0 }

/** One of those who have a channel, or will have one. */
export interface ChannelUser {
  /** The channel is there, open or not. */
  onChannel(channel: RtcDataChannel): void
  /** The peer connection is closed. */
  onFailed(error: Error): void
}

/** What a peer connection needs as long as the connection that wanted a path first is on it. */
export interface PeerConnectionContext {
  /** Throws what the implementation throws. */
  createPeerConnection(): RtcPeerConnection
  /** Whether to try this address of the peer. */
  isAllowed(candidate: string): boolean
  /** Tells the other side, over the connection that wanted a path first. */
  send(type: RtcDescription['type'] | 'candidate', text: string, index: number): void
}

/**
 * A peer connection between two hosts, with a channel for each of their connections. Signals go over the first of these;
 * the others join later. It closes when the last of them has left.
 */
export class PeerConnection {
  /** The host at the other end, as it calls itself. Empty if nobody may join. */
  readonly remoteId: string
  /** Whether the hosts are connected. */
  isOpen = false
  /** False once it, or a path on it, has failed: nobody joins it any more. */
  isSound = true
  /** The offer and the answer, as they were signalled. Only the two hosts know them. */
  readonly descriptions: string[] = []
  readonly #onClosed: (connection: PeerConnection) => void
  readonly #rtc: RtcPeerConnection
  /** Null once the first has left: the others need nothing of it. */
  #context: PeerConnectionContext | null
  /** For whom it was made: signals about it come over that connection. Null once it has left. */
  first: ChannelUser | null = null
  readonly #users = new Set<ChannelUser>()
  /** Those for whom the other side opens a channel, by its label. */
  readonly #expected = new Map<string, ChannelUser>()
  #waiting: (() => void)[] = []
  #candidateCount = 0
  #strayCount = 0
  /** One after the other: candidates belong to the description before them. */
  #steps = Promise.resolve()
  /** The hosts have lost each other, perhaps for a moment only. */
  #isInterrupted = false
  #isClosed = false

  /** Throws if there can be none. `onClosed` is called once. */
  constructor(remoteId: string, context: PeerConnectionContext, onClosed: (connection: PeerConnection) => void) {
    this.remoteId = remoteId
    this.#context = context
    this.#onClosed = onClosed
    this.#rtc = context.createPeerConnection()
    this.#rtc.onicecandidate = (event: { candidate: RtcCandidate | null }) => this.#onCandidate(event.candidate)
    this.#rtc.onconnectionstatechange = () => this.#onState()
    this.#rtc.ondatachannel = (event: { channel: RtcDataChannel }) => this.#onChannel(event.channel)
  }

  /** Whether one more may have a channel. */
  get hasRoom(): boolean {
    return this.isSound && !this.#isInterrupted && this.#users.size < MAX_CHANNELS
  }

  /** The largest message that the other side takes. */
  get maxMessageBytes(): number {
    return this.#rtc.sctp?.maxMessageSize ?? DEFAULT_MESSAGE_BYTES
  }

  /** Begins, with a channel for `first`. */
  offer(first: ChannelUser): void {
    this.first = first
    this.join(first, '', NEGOTIATED)
    this.#run(async () => this.#describe('offer', await this.#rtc.createOffer()))
  }

  /** Answers what the other side has begun, with a channel for `first`. */
  answer(first: ChannelUser, text: string): void {
    this.first = first
    this.#users.add(first)
    this.#onDescription('offer', text)
    this.#run(async () => {
      this.join(first, '', NEGOTIATED)
      await this.#describe('answer', await this.#rtc.createAnswer())
    })
  }

  /** The other side has answered; it can do so once. */
  onAnswer(text: string): void {
    if (this.descriptions.length === 1) this.#onDescription('answer', text)
  }

  /** The other side names an address. False if it has named too many. */
  addCandidate(candidate: string, index: number): boolean {
    if (++this.#candidateCount > MAX_CANDIDATES) return false
    // A wrong one costs only itself.
    const init = { candidate, sdpMid: null, sdpMLineIndex: index }
    if (this.#context?.isAllowed(candidate)) this.#run(async () => void this.#rtc.addIceCandidate(init).catch(ignore))
    return true
  }

  /** `callback` is called when it has opened, or closed. */
  whenSettled(callback: () => void): void {
    this.#waiting.push(callback)
  }

  /** A channel is open: others will be at once. */
  onOpen(): void {
    this.#settle(true)
  }

  /** Opens a channel. If it cannot be, as when the implementation has closed and not said so yet, that costs its user only. */
  join(user: ChannelUser, label: string, options?: typeof NEGOTIATED): void {
    this.#users.add(user)
    try {
      user.onChannel(this.#rtc.createDataChannel(label, options))
    } catch (error) {
      user.onFailed(error as Error)
    }
  }

  /** The other side opens another channel. */
  expect(user: ChannelUser, label: string): void {
    this.#users.add(user)
    this.#expected.set(label, user)
  }

  /** The channel of `user` is closed, or no longer wanted. */
  leave(user: ChannelUser): void {
    this.#users.delete(user)
    if (user === this.first) this.first = this.#context = null
    for (const [label, expected] of this.#expected) if (expected === user) this.#expected.delete(label)
    if (this.#users.size === 0) this.#close()
  }

  async #describe(type: RtcDescription['type'], { sdp = '' }: { sdp?: string }): Promise<void> {
    if (this.#isClosed) return
    // The peer would end the connection, and not only this attempt.
    if (sdp.length > MAX_DESCRIPTION_LENGTH) throw new Error('the description is too long')
    this.descriptions.push(sdp)
    this.#context?.send(type, sdp, 0)
    await this.#rtc.setLocalDescription({ type, sdp })
  }

  #onDescription(type: RtcDescription['type'], text: string): void {
    this.descriptions.push(text)
    const { sdp, candidates } = splitDescription(text)
    this.#run(async () => {
      if (!isDataOnly(sdp)) throw new Error('the description has media')
      await this.#rtc.setRemoteDescription({ type, sdp })
    })
    for (const candidate of candidates) this.addCandidate(candidate, 0)
  }

  #onCandidate(candidate: RtcCandidate | null): void {
    if (candidate?.candidate)
      this.#context?.send('candidate', normalCandidate(candidate.candidate), candidate.sdpMLineIndex ?? 0)
  }

  /** One that nobody expects is closed. It costs us something, so it is not done any number of times. */
  #onChannel(channel: RtcDataChannel): void {
    const user = this.#expected.get(channel.label)
    this.#expected.delete(channel.label)
    if (user === undefined) this.#onStray(channel)
    else user.onChannel(channel)
  }

  #onStray(channel: RtcDataChannel): void {
    channel.close()
    if (++this.#strayCount > MAX_STRAY_CHANNELS) this.#fail(new Error('the peer opened too many channels'))
  }

  #onState(): void {
    const { connectionState } = this.#rtc
    this.#isInterrupted = connectionState === 'disconnected'
    if (connectionState === 'failed' || connectionState === 'closed') this.#fail(undefined)
  }

  #run(step: () => Promise<void>): void {
    this.#steps = this.#steps
      .then(() => (this.#isClosed ? undefined : step()))
      .catch((error: unknown) => this.#fail(error))
  }

  #fail(cause: unknown): void {
    if (this.#isClosed) return
    const users = [...this.#users]
    this.isSound = false
    this.#close()
    for (const user of users) user.onFailed(new Error('the peer connection failed', { cause }))
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#rtc.onicecandidate = this.#rtc.onconnectionstatechange = this.#rtc.ondatachannel = null
    this.#rtc.close()
    this.#onClosed(this)
    this.#settle(false)
  }

  #settle(isOpen: boolean): void {
    this.isOpen = isOpen
    for (const callback of this.#waiting.splice(0)) callback()
  }
}

function ignore(): void {}
