import {
  type DecodedBody,
  type GivenAnswer,
  type PeerStream,
  ProxyError,
  type SERVER_REQUESTS,
  VERDICT
} from '@swarmway/proxy-protocol'
import type { MonotonicMs } from '@swarmway/runtime'
import { type Clock, withPaths } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { opaque } from './payload.js'
import type { Decision, RemoteServer } from './remote-server.js'
import { acceptedConnection, type FinishedHandshake, finish } from './secret.js'

/** Most handshakes in progress at once; bounds what a server can make us keep. */
const MAX_PENDING = 1024
/** Milliseconds that a handshake may take before its stream opens. */
const PENDING_MS = 30_000
/** An older one gives way when there are too many: an honest peer needs a round trip or two. */
const GIVES_WAY_MS = 2000

type Offer = DecodedBody<typeof SERVER_REQUESTS.ACCEPT_RECV>
type Answer = GivenAnswer<typeof SERVER_REQUESTS.ACCEPT_RECV>
type FinalMessage = GivenAnswer<typeof SERVER_REQUESTS.ACCEPT_SEND>

interface PendingAccept {
  readonly server: RemoteServer
  readonly decision: Decision
  finished: FinishedHandshake | null
  keepAliveMs: number
  readonly sinceMs: MonotonicMs
  timer: unknown
}

/** Connections that peers make to us through the server. */
export class RemoteAccepts {
  readonly #clock: Clock
  readonly #keepAliveMs: number
  readonly #findServer: (publicKey: Uint8Array) => RemoteServer | null
  readonly #pending = new Map<number, PendingAccept>()

  constructor(clock: Clock, keepAliveMs: number, findServer: (publicKey: Uint8Array) => RemoteServer | null) {
    this.#clock = clock
    this.#keepAliveMs = keepAliveMs
    this.#findServer = findServer
  }

  /** The server delivers a handshake message for one of our keys. */
  async receive({ id, publicKey, message }: Offer): Promise<Answer> {
    const server = this.#findServer(publicKey)
    if (server === null || this.#pending.has(id) || !this.#hasRoom) return IGNORE
    const decision = await server.decide(message).catch(() => null)
    if (decision === null || this.#pending.has(id) || !this.#makeRoom()) return IGNORE
    const timer = this.#clock.setTimeout(() => this.#pending.delete(id), PENDING_MS)
    const sinceMs = this.#clock.now()
    this.#pending.set(id, { server, decision, finished: null, keepAliveMs: this.#keepAliveMs, sinceMs, timer })
    const { payload, remotePublicKey, verdict } = decision
    return { verdict, remotePublicKey, payload: payload.bytes }
  }

  /** The server asks for our answer. */
  send({ id, bytes }: { id: number; bytes: Uint8Array }): FinalMessage {
    const accept = this.#pending.get(id)
    if (accept === undefined || accept.finished !== null)
      throw new ProxyError('NOT_FOUND', 'there is no such handshake')
    const { handshake, verdict } = accept.decision
    const message = handshake.send(opaque(bytes)) as Uint8Array
    accept.finished = finish(handshake)
    if (verdict === VERDICT.REFUSE) this.#take(id)
    return { holepunchSecret: accept.finished.holepunchSecret, bytes: message }
  }

  /** The peer is another client of the server, and their links show that they live. */
  setLocal(id: number): void {
    const accept = this.#pending.get(id)
    if (accept !== undefined) accept.keepAliveMs = 0
  }

  /** The server has the connection, which now opens. */
  open(id: number, stream: PeerStream): void {
    const accept = this.#take(id)
    if (accept?.finished == null) throw new ProxyError('NOT_FOUND', 'there is no such handshake')
    const raw = withPaths(stream, accept.finished, this.#clock)
    accept.server.emit('connection', acceptedConnection(raw, accept.finished, accept.keepAliveMs))
  }

  /** The session and all its handshakes are lost. */
  clear(): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)
  }

  /** Strangers who begin handshakes and do not finish them must not keep others out. */
  get #hasRoom(): boolean {
    const [[, oldest] = []] = this.#pending
    const isOld = oldest !== undefined && this.#clock.now() - oldest.sinceMs >= GIVES_WAY_MS
    return this.#pending.size < MAX_PENDING || isOld
  }

  #makeRoom(): boolean {
    if (!this.#hasRoom) return false
    const [oldest] = this.#pending.size < MAX_PENDING ? [] : this.#pending.keys()
    if (oldest !== undefined) this.#take(oldest)
    return true
  }

  #take(id: number): PendingAccept | undefined {
    const accept = this.#pending.get(id)
    this.#pending.delete(id)
    if (accept !== undefined) this.#clock.clearTimeout(accept.timer)
    return accept
  }
}

const IGNORE: Answer = { verdict: VERDICT.IGNORE, remotePublicKey: b4a.alloc(32), payload: b4a.alloc(0) }
