import type { RtcCandidate, RtcConfiguration, RtcDescription, UsableRtc } from '../../src/paths/direct/rtc.js'

type Handler = ((event: never) => void) | null

/** A data channel in memory. */
export class FakeChannel {
  binaryType = ''
  readyState = 'connecting'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  onopen: Handler = null
  onmessage: Handler = null
  onbufferedamountlow: Handler = null
  onclose: Handler = null
  peer: FakeChannel | null = null
  /** Messages are kept here, until `flush`, if set. */
  held: Uint8Array[] | null = null
  readonly sizes: number[] = []
  /** The first byte of each message. */
  readonly kinds: (number | undefined)[] = []
  readonly label: string

  constructor(label = '') {
    this.label = label
  }

  send(data: Uint8Array): void {
    this.sizes.push(data.byteLength)
    this.kinds.push(data[0])
    if (this.held === null) this.#pass(data)
    else {
      // As a channel does: the sender may use its bytes again.
      this.held.push(Uint8Array.from(data))
      this.bufferedAmount += data.byteLength
    }
  }

  /** Sends what was held back. */
  flush(): void {
    for (const data of this.held?.splice(0) ?? []) this.#pass(data)
    this.bufferedAmount = 0
    fire(this.onbufferedamountlow, {})
  }

  open(): void {
    this.readyState = 'open'
    fire(this.onopen, {})
  }

  close(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    setImmediate(() => {
      fire(this.onclose, {})
      this.peer?.close()
    })
  }

  #pass(data: Uint8Array): void {
    const bytes = Uint8Array.from(data)
    setImmediate(() => fire(this.peer?.onmessage ?? null, { data: bytes.buffer }))
  }
}

/** A peer connection in memory. Two of one {@link FakeRtcNet} open their channels once both are described. */
export class FakePeerConnection {
  connectionState = 'new'
  readonly sctp: { maxMessageSize: number } | null
  onicecandidate: Handler = null
  onconnectionstatechange: Handler = null
  ondatachannel: Handler = null
  /** The one that both sides have made, without a label. */
  readonly channel = new FakeChannel()
  /** All, this one included. */
  readonly channels = [this.channel]
  peer: FakePeerConnection | null = null
  readonly remote: RtcDescription[] = []
  readonly candidates: string[] = []
  isClosed = false
  /** False as when it has just closed, which its event has not said yet. */
  canOpenChannels = true
  readonly configuration: RtcConfiguration
  readonly #net: FakeRtcNet
  readonly #id: number

  constructor(net: FakeRtcNet, configuration: RtcConfiguration) {
    this.configuration = configuration
    this.#net = net
    this.sctp = net.maxMessageSize === null ? null : { maxMessageSize: net.maxMessageSize }
    this.canOpenChannels = net.canOpenChannels
    this.#id = net.made.push(this) - 1
  }

  createDataChannel(label: string): FakeChannel {
    if (!this.canOpenChannels) throw new Error('the peer connection is closed')
    if (label === '') return this.channel
    const channel = this.#addChannel(label)
    setImmediate(() => this.peer?.isClosed === false && this.#announce(channel, this.peer))
    return channel
  }

  async createOffer() {
    return { type: 'offer', sdp: `${this.#net.sdp}${this.#id}` }
  }

  async createAnswer() {
    return { type: 'answer', sdp: `${this.#net.sdp}${this.#id}` }
  }

  async setLocalDescription(): Promise<void> {
    const candidate = { candidate: 'candidate:1 1 UDP 1 203.0.114.7 9 typ host', sdpMid: '0', sdpMLineIndex: 0 }
    setImmediate(() => fire(this.onicecandidate, { candidate }))
    setImmediate(() => fire(this.onicecandidate, { candidate: null }))
  }

  async setRemoteDescription(description: RtcDescription): Promise<void> {
    if (description.sdp.includes('nonsense')) throw new Error('this is not a description')
    this.remote.push(description)
    const other = this.#net.made[Number(description.sdp.match(/\d+/)?.[0] ?? -1)]
    if (description.type === 'answer' && other !== undefined && this.#net.isReachable)
      setImmediate(() => this.#join(other))
  }

  async addIceCandidate({ candidate }: RtcCandidate): Promise<void> {
    this.candidates.push(candidate)
  }

  /** What ICE does when the network is gone. */
  fail(): void {
    this.changeState('failed')
  }

  changeState(state: string): void {
    this.connectionState = state
    fire(this.onconnectionstatechange, {})
  }

  close(): void {
    this.isClosed = true
    for (const channel of this.channels) channel.close()
  }

  #join(other: FakePeerConnection): void {
    pair(this.channel, other.channel)
    this.peer = other
    other.peer = this
    for (const { channel } of [this, other]) channel.open()
  }

  #addChannel(label: string): FakeChannel {
    const channel = new FakeChannel(label)
    this.channels.push(channel)
    return channel
  }

  /** Tells the other side of a channel, which is open there at once. */
  #announce(channel: FakeChannel, other: FakePeerConnection): void {
    const remote = other.#addChannel(channel.label)
    pair(channel, remote)
    remote.readyState = 'open'
    fire(other.ondatachannel, { channel: remote })
    channel.open()
  }
}

/** WebRTC in memory. */
export class FakeRtcNet {
  readonly made: FakePeerConnection[] = []
  isReachable = true
  maxMessageSize: number | null = 262_144
  canOpenChannels = true
  /** What descriptions begin with. */
  sdp = 'v='
  readonly rtc: UsableRtc

  constructor() {
    const net = this
    this.rtc = {
      RTCPeerConnection: class extends FakePeerConnection {
        constructor(configuration: RtcConfiguration) {
          super(net, configuration)
        }
      }
    }
  }
}

function pair(one: FakeChannel, other: FakeChannel): void {
  one.peer = other
  other.peer = one
}

function fire(handler: Handler, event: object): void {
  handler?.(event as never)
}
