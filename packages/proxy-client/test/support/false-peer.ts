import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { onTestFinished } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type {
  RtcConfiguration,
  RtcDataChannel,
  RtcDescription,
  RtcPeerConnection
} from '../../../swarm/src/paths/direct/rtc.js'
import type { Rtc } from '../../src/index.js'

/** The part of a peer connection that this file uses. Its types are those of the DOM, which tests in Node do not load. */
interface Used extends RtcPeerConnection {
  readonly iceGatheringState: string
  readonly localDescription: { readonly sdp: string }
}

const Base = RTCPeerConnection as unknown as new (configuration: RtcConfiguration) => Used

/** The first channel of a path, which both ends make. */
const NEGOTIATED = { negotiated: true, id: 0 }
/** The tests use nothing but this machine. */
const CONFIGURATION = { iceServers: [], iceTransportPolicy: 'all', bindAddress: '127.0.0.1' } as RtcConfiguration

/** Somebody in place of the peer of two clients, whose WebRTC does not notice. */
export interface FalsePeer {
  /** What the two clients are given as WebRTC. */
  readonly implementations: readonly [Rtc, Rtc]
  /** All messages of both. */
  readonly seen: Uint8Array[]
  /** What to send a client as soon as its channel is open. */
  greeting: readonly Uint8Array[]
  /** Whether what a client sends is passed on to the other. */
  isCarrying: boolean
}

/** A new one. */
export function falsePeer(): FalsePeer {
  const latest: (FalseEnd | null)[] = [null, null]
  const implementations = [0, 1].map((side) => {
    const makeEnd = () => {
      const end = new FalseEnd(peer, (message) => latest[1 - side]?.send(message))
      latest[side] = end
      onTestFinished(() => end.rtc.close())
      return end
    }
    return { RTCPeerConnection: fooledBy(makeEnd) }
  }) as [Rtc, Rtc]
  const peer: FalsePeer = { implementations, seen: [], greeting: [], isCarrying: true }
  return peer
}

/** Towards one client. */
class FalseEnd {
  readonly rtc = new Base(CONFIGURATION)
  readonly #peer: FalsePeer
  readonly #pass: (message: Uint8Array) => void
  #channel: RtcDataChannel | null = null
  #waiting: Uint8Array[] = []

  constructor(peer: FalsePeer, pass: (message: Uint8Array) => void) {
    this.#peer = peer
    this.#pass = pass
  }

  openChannel(): void {
    const channel = this.rtc.createDataChannel('', NEGOTIATED)
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    channel.onmessage = ({ data }: { data: ArrayBuffer }) => this.#onMessage(new Uint8Array(data))
    channel.onopen = () => {
      for (const message of [...this.#peer.greeting, ...this.#waiting.splice(0)]) this.send(message)
    }
  }

  send(message: Uint8Array): void {
    if (this.#channel?.readyState === 'open') this.#channel.send(Uint8Array.from(message))
    else this.#waiting.push(message)
  }

  #onMessage(message: Uint8Array): void {
    this.#peer.seen.push(message)
    if (this.#peer.isCarrying) this.#pass(message)
  }
}

/** WebRTC that connects to a false peer, whatever the true one says about itself. */
function fooledBy(makeEnd: () => FalseEnd) {
  return class extends Base {
    readonly #end = makeEnd()

    constructor(configuration: RtcConfiguration) {
      super({ ...configuration, ...CONFIGURATION })
    }

    override async setRemoteDescription({ type }: RtcDescription): Promise<void> {
      const { rtc } = this.#end
      if (type === 'answer') await rtc.setRemoteDescription({ type: 'offer', sdp: await descriptionOf(this) })
      this.#end.openChannel()
      if (type === 'answer') await rtc.createAnswer()
      else await rtc.createOffer()
      await super.setRemoteDescription({ type, sdp: await descriptionOf(rtc) })
    }

    override async createAnswer() {
      const answer = await super.createAnswer()
      await this.#end.rtc.setRemoteDescription({ type: 'answer', sdp: await descriptionOf(this) })
      return answer
    }

    override async addIceCandidate(): Promise<void> {}
  }
}

/** With all addresses. */
async function descriptionOf(rtc: Used): Promise<string> {
  await until('all addresses are known', () => rtc.iceGatheringState === 'complete')
  return rtc.localDescription.sdp
}
