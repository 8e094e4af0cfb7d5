import type { Connection } from '../connection.js'
import { whenConfirmed } from '../connections/confirm.js'
import type { PendingDial } from '../connections/table.js'
import type { SwarmContext } from '../context.js'
import type { CreateHandshake } from '../dht-node.js'
import { codeOf, SwarmError } from '../errors.js'
import { type Hello, REFUSAL } from '../handshake/extension.js'
import { ExtendedHandshake, type HandshakePart } from '../handshake/noise.js'
import { topicProofs } from '../handshake/topic-proofs.js'
import type { PeerInfo } from '../peer-info.js'
import { OPENED } from './outcome.js'

/** Milliseconds from the opening of a dialled connection to the remote's first bytes. */
const CONFIRM_TIMEOUT_MS = 3000

/** Called once per dial: with OPENED and a connection, or with why there is none. */
export type DialEnd = (dial: Dial, code: string, error: Error | null) => void

/** One attempt to connect to a peer. It ends exactly once, whatever happens to it. */
export class Dial implements PendingDial, HandshakePart {
  readonly info: PeerInfo
  connection: Connection | null = null
  /** The remote's block in its answer, null before and from other implementations. */
  remoteHello: Hello | null = null
  readonly #context: SwarmContext
  readonly #onEnd: DialEnd
  #hasEnded = false
  #error: Error | null = null
  #timer: unknown = null

  constructor(context: SwarmContext, info: PeerInfo, onEnd: DialEnd) {
    this.#context = context
    this.info = info
    this.#onEnd = onEnd
  }

  start(): void {
    const { firewall, settings } = this.#context
    this.#timer = settings.clock.setTimeout(() => this.cancel('DIAL_TIMEOUT'), settings.dialTimeoutMs)
    const refuses = firewall.refuses(this.info.publicKey, null)
    if (typeof refuses === 'boolean') this.#afterFirewall(refuses)
    else refuses.then((late) => this.#afterFirewall(late))
  }

  cancel(code: string): void {
    if (this.#hasEnded) return
    this.#end(code)
    this.connection?.destroy()
  }

  hello(): Hello {
    const { identity, settings, topics } = this.#context
    const keys = { initiator: identity.keyPair.publicKey, responder: this.info.publicKey }
    const about = settings.topicProofs ? topics.joined(this.info.topics).map(({ topic }) => topic) : []
    return identity.hello(topicProofs(about, 'initiator', keys), null)
  }

  received(hello: Hello | null): void {
    this.remoteHello = hello
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
    this.#error = new SwarmError('HANDSHAKE_MALFORMED', 'the peer answered with bytes that are not a handshake')
  }

  #afterFirewall(refuses: boolean): void {
    if (this.#hasEnded) return
    if (refuses) {
      this.#context.stats.firewallRefusals++
      this.#end('FIREWALLED')
    } else this.#connect()
  }

  #connect(): void {
    try {
      this.connection = this.#context.node.connect(this.info.publicKey, this.#connectOptions())
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error))
      this.#end(codeOf(error, 'DIAL_FAILED'))
      return
    }
    // Stays for good: a peer's reset must not end the process of an application that forgot to listen.
    this.connection.on('error', (error) => this.#onError(error))
    this.connection.once('open', () => this.#onOpen())
    this.connection.once('close', () => this.#end(this.#closeCode()))
    whenConfirmed(this.connection, () => this.#end(OPENED))
  }

  #connectOptions() {
    const { codec, identity } = this.#context
    const createHandshake: CreateHandshake | null =
      codec && ((keyPair, remotePublicKey) => new ExtendedHandshake(keyPair, remotePublicKey, codec, this))
    return {
      keyPair: identity.keyPair,
      relayAddresses: this.info.relayAddresses,
      relayThrough: this.#context.relay(this.info.forceRelaying),
      ...(createHandshake && { createHandshake })
    }
  }

  /** Open on this side. The remote's first bytes are on their way, or it has given up meanwhile and none will come. */
  #onOpen(): void {
    const { clock } = this.#context.settings
    if (this.#hasEnded) return
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.cancel('UNCONFIRMED'), CONFIRM_TIMEOUT_MS)
  }

  #onError(error: Error): void {
    if (!this.#hasEnded) this.#error ??= error
  }

  /** The reason that the remote gave goes before what the node made of its answer. */
  #closeCode(): string {
    const refusal = this.remoteHello?.refusal
    if (refusal === REFUSAL.duplicate) return 'DUPLICATE'
    if (refusal === REFUSAL.full) return 'REMOTE_FULL'
    return codeOf(this.#error, 'DIAL_FAILED')
  }

  #end(code: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#context.settings.clock.clearTimeout(this.#timer)
    this.#onEnd(this, code, this.#error)
  }
}
