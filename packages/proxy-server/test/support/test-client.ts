/**
 * A client scripted by a test: the protocol's Session with the handlers of a well-behaved client, each replaceable.
 * It does not use the package proxy-client, so that the server is tested against the protocol alone.
 */

import { randomBytes } from 'node:crypto'
import {
  CLIENT_NOTICE,
  CLIENT_REQUEST,
  connectBody,
  type DuplexLike,
  decodeDenied,
  decodeWelcome,
  encodeHello,
  type FoundPeer,
  FRAME,
  idBody,
  keyBody,
  keyLostBody,
  Link,
  listenBody,
  listenProofMessage,
  type NetworkAddress,
  type PeerStream,
  type ProtocolLimits,
  type ProxyError,
  QUERY_KIND,
  type QueryKind,
  queryBody,
  queryPeersBody,
  type ResumeClaim,
  SERVER_NOTICE,
  Session,
  type StreamMeta,
  streamMeta,
  topicDeniedBody,
  topicPeersBody,
  unannounceBody,
  VERDICT,
  type Welcome
} from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { onTestFinished } from 'vitest'
import type { ProxyServer } from '../../src/index.js'
import { ClientHandshakes } from './client-handshakes.js'
import { type Handshake, type HandshakeKeys, signDetached } from './crypto.js'
import { pair } from './pair.js'

export const EMPTY = new Uint8Array(0)

/** How a test client behaves. */
export interface TestClientOptions {
  auth?: Uint8Array
  /** The server name that proofs sign. Default: none. */
  serverName?: string
  /** The Host header. */
  host?: string
  remoteAddress?: string
  resume?: ResumeClaim
  limits?: Partial<ProtocolLimits>
  keyPair?: HandshakeKeys
  /** Exceeds the limits that the server announced. */
  ignoresLimits?: boolean
  /** Answers requests of the server; undefined falls back to the default. */
  onRequest?: (op: number, body: Uint8Array) => Uint8Array | Promise<Uint8Array> | undefined
}

/** One client of a server. */
export class TestClient {
  readonly keyPair: HandshakeKeys
  /** Replace it for another greeting. */
  clientNonce: Uint8Array = randomBytes(32)
  readonly session: Session
  /** Streams that the server opened, by kind and id. */
  readonly streams = new Map<string, PeerStream>()
  /** Peers that queries reported, in order, by query. */
  readonly found = new Map<number, FoundPeer[]>()
  /** Peers pushed to watched topics. */
  readonly pushed: FoundPeer[] = []
  /** Keys that the server has given to another client. */
  readonly lostKeys: Uint8Array[] = []
  /** The streams that lead to other clients of the server. */
  readonly localStreams: StreamMeta[] = []
  /** Topics that the server has ended, with the reason. */
  readonly deniedTopics: { topic: Uint8Array; error: ProxyError }[] = []
  /** Operations that the server requested. */
  readonly asked: number[] = []
  verdict: (typeof VERDICT)[keyof typeof VERDICT] = VERDICT.ACCEPT
  /** Handshakes of peers wait for it. */
  ready: Promise<unknown> = Promise.resolve()
  welcome: Welcome | null = null
  link: Link | null = null
  closedWith: ProxyError | null = null
  readonly #options: TestClientOptions
  readonly #handshakes: ClientHandshakes
  #lastId = 0

  constructor(options: TestClientOptions = {}) {
    this.#options = options
    this.keyPair = options.keyPair ?? createKeyPair()
    this.#handshakes = new ClientHandshakes(this)
    this.session = new Session({
      isInitiator: true,
      ...(options.limits && { limits: options.limits }),
      onRequest: (op, body) => this.#onRequest(op, body),
      onNotify: (op, body) => this.#onNotify(op, body),
      onStream: (stream) => this.#onStream(stream),
      onClose: (error) => {
        this.closedWith = error
      }
    })
    onTestFinished(() => this.session.destroy())
  }

  /** Connects over a pair of duplexes in memory. Rejects with the server's denial. */
  static async connect(server: ProxyServer, options: TestClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(options)
    await client.connect(server)
    return client
  }

  async connect(server: ProxyServer, resume: ResumeClaim | undefined = this.#options.resume): Promise<Welcome> {
    const [ours, theirs] = pair()
    const { host, remoteAddress } = this.#options
    server.handleStream(theirs, { remoteAddress, host })
    return this.greet(ours, resume)
  }

  /** Resumes the session over a new link. */
  resume(server: ProxyServer): Promise<Welcome> {
    const { welcome } = this
    if (welcome === null) throw new Error('not welcomed yet')
    return this.connect(server, { ...welcome, received: this.session.received })
  }

  /** Sends HELLO and attaches. */
  greet(duplex: DuplexLike, resume?: ResumeClaim): Promise<Welcome> {
    const { auth = EMPTY, ignoresLimits = false, limits = {} } = this.#options
    const link = new Link(duplex, null, { limits })
    this.link = link
    return new Promise((resolve, reject) => {
      link.handler = {
        onFrame: (type, body) => {
          if (type === FRAME.DENIED)
            reject(Object.assign(decodeDenied(body).error, { retry: decodeDenied(body).retry }))
          if (type !== FRAME.WELCOME) return
          this.welcome = decodeWelcome(body)
          this.session.attach(link, this.welcome.received, ignoresLimits ? undefined : this.welcome.limits)
          resolve(this.welcome)
        },
        onClose: reject
      }
      const hello = { auth, userAgent: 'test', clientNonce: this.clientNonce, limits: this.session.announcedLimits }
      link.send(encodeHello(resume === undefined ? hello : { ...hello, resume }))
    })
  }

  /** The link breaks. */
  cut(): void {
    this.link?.destroy()
  }

  listen(keyPair = this.keyPair, proof = this.proof(keyPair)): Promise<Uint8Array> {
    const { publicKey } = keyPair
    const { serverName = '' } = this.#options
    return this.session.request(CLIENT_REQUEST.LISTEN, listenBody.encode({ publicKey, proof, serverName }))
  }

  unlisten(publicKey = this.keyPair.publicKey): Promise<Uint8Array> {
    return this.session.request(CLIENT_REQUEST.UNLISTEN, keyBody.encode(publicKey))
  }

  proof(keyPair = this.keyPair): Uint8Array {
    const bound = { clientNonce: this.clientNonce, serverName: this.#options.serverName ?? '' }
    const nonce = this.welcome?.serverNonce ?? EMPTY
    return signDetached(listenProofMessage(nonce, keyPair.publicKey, bound), keyPair)
  }

  /** Runs a query; resolves to the peers that it reported. */
  async query(kind: QueryKind, topic: Uint8Array, publicKey: Uint8Array | null = null): Promise<FoundPeer[]> {
    const queryId = ++this.#lastId
    this.found.set(queryId, [])
    await this.session.request(CLIENT_REQUEST.QUERY, queryBody.encode({ queryId, kind, topic, publicKey }))
    return this.found.get(queryId) ?? []
  }

  lookup(topic: Uint8Array): Promise<FoundPeer[]> {
    return this.query(QUERY_KIND.LOOKUP, topic)
  }

  announce(topic: Uint8Array, publicKey = this.keyPair.publicKey): Promise<FoundPeer[]> {
    return this.query(QUERY_KIND.ANNOUNCE, topic, publicKey)
  }

  unannounce(topic: Uint8Array, publicKey = this.keyPair.publicKey): Promise<Uint8Array> {
    return this.session.request(CLIENT_REQUEST.UNANNOUNCE, unannounceBody.encode({ topic, publicKey }))
  }

  cancelLastQuery(): void {
    this.session.notify(CLIENT_NOTICE.QUERY_CANCEL, idBody.encode(this.#lastId))
  }

  watch(topic: Uint8Array): void {
    this.session.notify(CLIENT_NOTICE.WATCH, keyBody.encode(topic))
  }

  unwatch(topic: Uint8Array): void {
    this.session.notify(CLIENT_NOTICE.UNWATCH, keyBody.encode(topic))
  }

  /** Dials; resolves to the stream. */
  async dial(publicKey: Uint8Array, addresses: NetworkAddress[] = []): Promise<PeerStream> {
    const dialId = ++this.#lastId
    this.#handshakes.begin(dialId, publicKey)
    await this.session.request(CLIENT_REQUEST.CONNECT, connectBody.encode({ dialId, publicKey, addresses }))
    return this.stream(0, dialId)
  }

  cancelLastDial(): void {
    this.session.notify(CLIENT_NOTICE.CONNECT_CANCEL, idBody.encode(this.#lastId))
  }

  /** The stream that the server opened for this dial or handshake. */
  stream(kind: 0 | 1, id: number): PeerStream {
    const stream = this.streams.get(`${kind}:${id}`)
    if (stream === undefined) throw new Error(`no stream ${kind}:${id}`)
    return stream
  }

  /** The accepted streams. */
  get accepted(): PeerStream[] {
    return [...this.streams].filter(([key]) => key.startsWith('1:')).map(([, stream]) => stream)
  }

  /** Keys of those that have dialled it, in order. */
  get dialledBy(): string[] {
    return this.#handshakes.accepted.map(({ remotePublicKey }) => hex(remotePublicKey))
  }

  /** The finished handshake of a stream. */
  handshake(kind: 0 | 1, id: number): Handshake {
    return this.#handshakes.get(kind, id)
  }

  handshakeOf(stream: PeerStream): Handshake {
    const { kind, id } = streamMeta.decode(stream.meta)
    return this.handshake(kind, id)
  }

  async #onRequest(op: number, body: Uint8Array): Promise<Uint8Array> {
    this.asked.push(op)
    const scripted = this.#options.onRequest?.(op, body)
    if (scripted !== undefined) return scripted
    return this.#handshakes.answer(op, body)
  }

  #onNotify(op: number, body: Uint8Array): void {
    if (op === SERVER_NOTICE.PEERS) {
      const { peers, queryId } = queryPeersBody.decode(body)
      this.found.get(queryId)?.push(...peers)
    } else if (op === SERVER_NOTICE.KEY_LOST) this.lostKeys.push(keyLostBody.decode(body).publicKey)
    else if (op === SERVER_NOTICE.TOPIC_DENIED) this.deniedTopics.push(topicDeniedBody.decode(body))
    else if (op === SERVER_NOTICE.LOCAL) this.localStreams.push(streamMeta.decode(body))
    else if (op === SERVER_NOTICE.PEER) this.pushed.push(...topicPeersBody.decode(body).peers)
  }

  #onStream(stream: PeerStream): void {
    const { kind, id } = streamMeta.decode(stream.meta)
    this.streams.set(`${kind}:${id}`, stream)
  }
}

/** The code with which the promise rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return 'none'
}

/** A topic that no other test uses. */
export function topicOf(seed: number): Uint8Array {
  return new Uint8Array(32).fill(seed)
}

export function hex(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}

export function keysOf(peers: FoundPeer[]): string[] {
  return peers.map((peer) => hex(peer.publicKey)).sort()
}

/** The next bytes of a stream. */
export function next(stream: PeerStream | undefined): Promise<Uint8Array> {
  if (stream === undefined) throw new Error('no such stream')
  return new Promise((resolve) => stream.once('data', resolve))
}
