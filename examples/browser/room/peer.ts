import type { Connection, PeerInfo } from '@swarmway/proxy-client'
import b4a from 'b4a'
import Protomux, { type Channel } from 'protomux'
import { type Message, PROTOCOL, parseMessage, type Reach } from './protocol.ts'
import { type Traffic, TrafficMeter } from './traffic.ts'

/** What a peer reports to the room. */
export interface PeerListener {
  onMessage(peer: Peer, message: Message): void
  /** It sent something that is not a valid message. */
  onNonsense(peer: Peer): void
}

/** A peer in the room, for as long as its connection lasts. */
export class Peer {
  /** Public key, in hex. */
  readonly key: string
  readonly connection: Connection
  readonly info: PeerInfo
  /** Its nickname; null until it has said hello. */
  nickname: string | null = null
  /** How it is connected to the network, as it says; null until it has said hello. */
  reach: Reach | null = null
  /** Its colour, in degrees: the one it chose, or else one that comes from its key. */
  hue: number
  readonly #meter: TrafficMeter
  readonly #channel: Channel
  readonly #send: (bytes: Uint8Array) => unknown

  constructor(connection: Connection, info: PeerInfo, listener: PeerListener) {
    this.key = b4a.toString(connection.remotePublicKey, 'hex')
    this.hue = hueOf(this.key)
    this.connection = connection
    this.info = info
    this.#meter = new TrafficMeter(countOf(connection), performance.now())
    // Hypercore uses the same muxer on the same connection for its files.
    this.#channel = Protomux.from(connection).createChannel({ protocol: PROTOCOL })
    const message = this.#channel.addMessage({ onmessage: (bytes) => this.#receive(bytes, listener) })
    this.#send = (bytes) => message.send(bytes)
    this.#channel.open()
  }

  /** Whether its bytes go from here to there without the proxy server. */
  get isDirect(): boolean {
    return this.connection.path === 'direct'
  }

  /** Bytes per second, encryption included, as of the last `measure`. */
  get traffic(): Traffic {
    return this.#meter.rate
  }

  /** Resolves to whether all that was sent has arrived. */
  delivered(): Promise<boolean> {
    return this.connection.flush().catch(() => false)
  }

  measure(): void {
    this.#meter.measure(countOf(this.connection), performance.now())
  }

  send(message: Message): void {
    this.#send(b4a.from(JSON.stringify(message)))
  }

  #receive(bytes: Uint8Array, listener: PeerListener): void {
    const message = parseMessage(parseJson(bytes))
    if (message === null) {
      listener.onNonsense(this)
      return
    }
    if (message.type === 'hello') {
      this.nickname = message.nickname
      this.reach = message.reach
      this.hue = message.hue ?? hueOf(this.key)
    }
    listener.onMessage(this, message)
  }
}

/** A colour that comes from a public key in hex. */
export function hueOf(key: string): number {
  return Number.parseInt(key.slice(0, 6), 16) % 360
}

function countOf({ rawStream }: Connection): Traffic {
  return { inBytes: rawStream?.bytesReceived ?? 0, outBytes: rawStream?.bytesTransmitted ?? 0 }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(b4a.toString(bytes))
  } catch {
    return null
  }
}
