import type { Clock } from '@swarmway/runtime'
import type { Hello } from '../../handshake/extension.js'
import type { Identity } from '../../handshake/identity.js'
import { ExtendedHandshake, type HandshakePart, type PayloadCodec } from '../../handshake/noise.js'
import type { Connection } from '../../network/connection.js'
import type { DhtNode } from '../../network/dht-node.js'
import type { PeerInfo } from '../../peers/peer-info.js'

/** Milliseconds until the replacement has to be in place. */
const TIMEOUT_MS = 20_000

/** What the dials of replacements need. */
export interface SpareDialContext {
  readonly node: DhtNode
  /** Null when the node's handshake payload is unknown, so that nothing can be asked for. */
  readonly codec: PayloadCodec | null
  readonly identity: Identity
  readonly clock: Clock
}

/**
 * Dials a peer that is connected already, for another path of that connection: a handshake with field 7, which the peer
 * repeats if it agrees. Ends exactly once, unless `keep` is called before.
 */
export class SpareDial implements HandshakePart {
  /** The number of the path. */
  readonly pathId: number
  readonly #context: SpareDialContext
  readonly #info: PeerInfo
  readonly #onOpen: (connection: Connection) => void
  readonly #onEnd: () => void
  #connection: Connection | null = null
  #timer: unknown = null
  #isAgreed = false
  #hasEnded = false

  constructor(
    context: SpareDialContext,
    pathId: number,
    info: PeerInfo,
    listener: { onOpen(connection: Connection): void; onEnd(): void }
  ) {
    this.#context = context
    this.pathId = pathId
    this.#info = info
    this.#onOpen = listener.onOpen
    this.#onEnd = listener.onEnd
  }

  start(): void {
    this.#timer = this.#context.clock.setTimeout(() => this.cancel(), TIMEOUT_MS)
    try {
      const connection = this.#connect()
      this.#connection = connection
      connection.on('error', ignore)
      connection.on('close', () => this.cancel())
      connection.on('open', () => this.#onOpened(connection))
    } catch {
      this.cancel()
    }
  }

  /** The path is in place. */
  keep(): void {
    this.#hasEnded = true
    this.#context.clock.clearTimeout(this.#timer)
  }

  cancel(): void {
    if (this.#hasEnded) return
    this.keep()
    this.#connection?.destroy()
    this.#onEnd()
  }

  hello(): Hello {
    return { ...this.#context.identity.hello([], null), sparePathId: this.pathId }
  }

  received(hello: Hello | null): void {
    this.#isAgreed = hello?.sparePathId === this.pathId
  }

  malformed(): void {}

  #onOpened(connection: Connection): void {
    if (this.#hasEnded) return
    if (this.#isAgreed) this.#onOpen(connection)
    else this.cancel()
  }

  #connect(): Connection {
    const { codec, identity, node } = this.#context
    if (codec === null) throw new Error('a replacement needs a payload codec')
    return node.connect(this.#info.publicKey, {
      keyPair: identity.keyPair,
      relayAddresses: this.#info.relayAddresses,
      createHandshake: (keyPair, remotePublicKey) => new ExtendedHandshake(keyPair, remotePublicKey, codec, this)
    })
  }
}

function ignore(): void {}
