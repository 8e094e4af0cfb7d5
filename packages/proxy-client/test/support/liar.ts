import { randomBytes } from 'node:crypto'
import {
  acceptBody,
  CLIENT_REQUEST,
  connectBody,
  type DuplexLike,
  decodeHello,
  encodeWelcome,
  FRAME,
  handshakeBody,
  handshakeDoneBody,
  Link,
  type PeerStream,
  ProxyError,
  SERVER_REQUEST,
  Session,
  STREAM_KIND,
  streamMeta,
  VERDICT,
  verdictBody,
  type Welcome
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { onTestFinished } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { type WireEnd, wire } from './wire.js'

const NOTHING = new Uint8Array(0)

/** Answers a request of the client. */
export type Answer = (body: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** A server with one client. The test decides everything it says; by default it answers requests with no bytes. */
export class Liar {
  readonly swarm: ProxyClient
  /** Codes of the client's `disconnected` events, the latest last. */
  readonly disconnects: string[] = []
  /** Sessions that the client has started; it starts another whenever one fails. */
  readonly sessions: Session[] = []
  /** Requests of the client. */
  readonly asked: { op: number; body: Uint8Array }[] = []
  /** Answers to use instead, by the number of the request. */
  readonly answers = new Map<number, Answer>()
  /** Fields of WELCOME that replace the true ones. */
  welcome: Partial<Welcome> = {}
  #ends: WireEnd[] = []
  #undecided: ((error: ProxyError) => void)[] = []
  #lastId = 1_000_000

  constructor(options: Partial<ProxyClientOptions> = {}) {
    const quick = { reconnectMinMs: 10, reconnectMaxMs: 100, backoffs: [50, 100, 1000], jitter: 10 }
    this.swarm = new ProxyClient({ ...quick, connect: () => this.#connect(), ...options })
    this.swarm.on('disconnected', ({ error }) => this.disconnects.push(error.code))
  }

  /** The client's key. */
  get key(): Uint8Array {
    return this.swarm.keyPair.publicKey
  }

  /** The current session. */
  get session(): Session {
    const session = this.sessions.at(-1)
    if (session === undefined) throw new Error('the client has not connected yet')
    return session
  }

  /** The latest request with this number. */
  async request(op: number): Promise<Uint8Array> {
    const find = () => this.asked.findLast((request) => request.op === op)
    await until(`request ${op}`, () => find() !== undefined)
    return find()?.body ?? NOTHING
  }

  /** Sends the client a request. Resolves to its answer, or to the code of its refusal. */
  ask(op: number, body: Uint8Array): Promise<Uint8Array | string> {
    return this.session.request(op, body, { timeoutMs: 60_000 }).catch((error) => error.code as string)
  }

  /** Sends the client a notice. */
  tell(op: number, body: Uint8Array): void {
    this.session.notify(op, body)
  }

  /** Opens a stream. Resolves to the code with which the client resets it. */
  openStream(meta: Uint8Array): Promise<string> {
    const stream = this.session.openStream(meta)
    return new Promise((resolve) => stream.once('error', (error) => resolve((error as { code?: string }).code ?? '')))
  }

  /** Breaks the link. */
  cut(): void {
    for (const end of this.#ends.splice(0)) end.destroy()
  }

  /** Makes the client dial this key. Resolves to the number of its dial, which stays undecided. */
  async dial(publicKey: Uint8Array): Promise<{ dialId: number; outcome: Promise<string> }> {
    this.answers.set(CLIENT_REQUEST.CONNECT, () => new Promise((_, reject) => this.#undecided.push(reject)))
    const before = this.asked.length
    const outcome = this.swarm.connect(publicKey).then(
      () => 'OPENED',
      (error) => error.code as string
    )
    const find = () => this.asked.slice(before).find(({ op }) => op === CLIENT_REQUEST.CONNECT)
    await until('a dial', () => find() !== undefined)
    return { dialId: connectBody.decode(find()?.body ?? NOTHING).dialId, outcome }
  }

  /** Ends all dials that are undecided. */
  endDial(code: string): void {
    for (const reject of this.#undecided.splice(0)) reject(new ProxyError(code, 'the test ended it'))
  }

  /** The client's handshake message for a dial. */
  async message(dialId: number): Promise<Uint8Array> {
    const answer = await this.session.request(SERVER_REQUEST.DIAL_SEND, handshake(dialId, NOTHING))
    return answer.subarray(4)
  }

  /** Delivers a handshake message to the client, and returns its answer; null if it ignores the message. */
  async offer(message: Uint8Array): Promise<{ id: number; answer: Uint8Array } | null> {
    const id = ++this.#lastId
    const body = acceptBody.encode({ id, publicKey: this.key, message })
    const { verdict } = verdictBody.decode(await this.session.request(SERVER_REQUEST.ACCEPT_RECV, body))
    if (verdict === VERDICT.IGNORE) return null
    const done = await this.session.request(SERVER_REQUEST.ACCEPT_SEND, handshake(id, NOTHING))
    return { id, answer: handshakeDoneBody.decode(done).bytes }
  }

  /** Opens the stream of a finished handshake. */
  stream(kind: 0 | 1, id: number): PeerStream {
    return this.session.openStream(streamMeta.encode({ kind, id }))
  }

  #connect(): DuplexLike {
    const [near, far] = wire()
    this.#ends.push(near)
    const link = new Link(far as unknown as DuplexLike)
    link.handler = { onFrame: (type, body) => this.#greet(link, type, body) }
    return near as unknown as DuplexLike
  }

  #greet(link: Link, type: number, body: Uint8Array): void {
    if (type !== FRAME.HELLO) return
    const { limits, resume } = decodeHello(body)
    const known = resume && this.sessions.at(-1)
    const session = known !== undefined && !known.destroyed ? known : this.#makeSession()
    const resumed = session === known
    session.detach()
    const truth = { resumed, received: resumed ? session.received : 0, limits: session.announcedLimits, graceMs: 5000 }
    link.send(encodeWelcome({ ...SECRETS, ...truth, ...this.welcome }))
    session.attach(link, resumed ? (resume?.received ?? 0) : 0, limits)
  }

  #makeSession(): Session {
    const onRequest = (op: number, body: Uint8Array) => {
      this.asked.push({ op, body })
      return this.answers.get(op)?.(body) ?? NOTHING
    }
    const session = new Session({ isInitiator: false, onRequest, onStream: () => {} })
    this.sessions.push(session)
    return session
  }
}

/** Any address will do, because nobody else is there. */
const SECRETS = { sessionId: randomBytes(16), resumeToken: randomBytes(32), serverNonce: randomBytes(32) }

/** A liar and its client, connected; both are destroyed after the test. */
export async function createLiar(options: Partial<ProxyClientOptions> = {}): Promise<Liar> {
  const liar = new Liar(options)
  onTestFinished(async () => {
    await liar.swarm.destroy()
    for (const session of liar.sessions) session.destroy()
  })
  await until('the client to connect', () => liar.swarm.connected)
  return liar
}

/** The body of a handshake request. */
export function handshake(id: number, bytes: Uint8Array): Uint8Array {
  return handshakeBody.encode({ id, bytes })
}

/** Connects the clients of two liars, honestly, and returns the connection of each. */
export async function introduce(from: Liar, to: Liar): Promise<string> {
  await to.swarm.listen()
  const { dialId, outcome } = await from.dial(to.key)
  const offered = await to.offer(await from.message(dialId))
  if (offered === null) throw new Error('the client ignored an honest dial')
  await from.session.request(SERVER_REQUEST.DIAL_RECV, handshake(dialId, offered.answer))
  const [near, far] = [from.stream(STREAM_KIND.DIAL, dialId), to.stream(STREAM_KIND.ACCEPT, offered.id)]
  near.pipe(far)
  far.pipe(near)
  return outcome
}

/** Whether the client still works: it reaches a peer on another server. */
export async function worksStill(liar: Liar): Promise<boolean> {
  const other = await createLiar()
  const shown = new Promise<Uint8Array>((resolve) =>
    other.swarm.once('connection', ({ remotePublicKey }) => resolve(remotePublicKey))
  )
  return (await introduce(liar, other)) === 'OPENED' && b4a.equals(await shown, liar.key)
}
