import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Address, Role } from './messages.ts'
import { PeerProcess } from './peer-process.ts'
import type { DemoProxy } from './proxy.ts'
import { count, duration, megabytes, type Screen, short } from './screen.ts'

const BLOCKS = 4000
const BLOCK_BYTES = 8192
const CORE_BYTES = BLOCKS * BLOCK_BYTES
/** The link is cut when this share of the blocks has reached the proxied peer. */
const CUT_AT = 0.4

interface Peer {
  readonly role: Role
  readonly process: PeerProcess
  received: number
}

/** Runs the demo: starts the two peers, follows their reports and prints them in plain words. */
export class Demo {
  /** Rejects when a peer process fails, whatever the demo is waiting for. */
  readonly failed: Promise<never>
  readonly #screen: Screen
  readonly #proxy: DemoProxy
  readonly #native: Peer
  readonly #proxied: Peer
  readonly #began = performance.now()
  #onFailed: (error: Error) => void = () => {}
  #connected = 0
  #isCut = false

  constructor(screen: Screen, proxy: DemoProxy, bootstrap: Address[], folder: string) {
    this.#screen = screen
    this.#proxy = proxy
    this.failed = new Promise((_, reject) => {
      this.#onFailed = reject
    })
    this.#native = this.#startPeer('native', bootstrap, folder)
    this.#proxied = this.#startPeer('proxied', bootstrap, folder)
  }

  async run(): Promise<void> {
    await this.#introduce()
    const digests = await this.#join()
    const metMs = await this.#meet()
    const [replicatedMs, relinkedMs] = await Promise.all([this.#replicate(), this.#followCut()])
    await this.#verify(digests)
    await Promise.all(this.#peers.map(({ process }) => process.stop()))
    this.#summarize(metMs, relinkedMs, replicatedMs)
  }

  /** Ends both processes. */
  async kill(): Promise<void> {
    await Promise.all(this.#peers.map(({ process }) => process.kill()))
  }

  get #peers(): [Peer, Peer] {
    return [this.#native, this.#proxied]
  }

  #startPeer(role: Role, bootstrap: Address[], folder: string): Peer {
    const start = { bootstrap, proxyUrl: this.#proxy.url, blocks: BLOCKS, blockBytes: BLOCK_BYTES }
    const process = new PeerProcess(
      { type: 'start', role, storage: join(folder, role), ...start },
      { onProgress: (blocks) => this.#onProgress(peer, blocks), onFailed: (error) => this.#onFailed(error) }
    )
    const peer: Peer = { role, process, received: 0 }
    return peer
  }

  async #introduce(): Promise<void> {
    const [native, proxied] = await Promise.all(this.#peers.map(({ process }) => process.next('online')))
    if (!native || !proxied) return
    this.#screen.row(
      'native',
      `process ${this.#native.process.pid}, ${sockets(native.udpSockets)}, key ${short(native.publicKey)}`
    )
    this.#screen.row(
      'proxied',
      `process ${this.#proxied.process.pid}, ${sockets(proxied.udpSockets)}, key ${short(proxied.publicKey)}`
    )
    if (proxied.udpSockets) throw new Error('The proxied peer has a UDP socket, which it should not need.')
  }

  /** Makes both join one topic. Resolves to the digest that each should have of the other's blocks. */
  async #join(): Promise<[string, string]> {
    const [native, proxied] = this.#peers.map(({ process }) => process)
    if (!native || !proxied) throw new Error('There are no peers.')
    const [fromNative, fromProxied] = await Promise.all([native.next('written'), proxied.next('written')])
    const size = `${count(BLOCKS)} blocks, ${megabytes(CORE_BYTES)}`
    this.#screen.row(
      'Hypercores',
      `one of ${size} on each side, written in ${duration(Math.max(fromNative.ms, fromProxied.ms))}`
    )
    const topic = randomBytes(32).toString('hex')
    this.#screen.row('topic', `${short(topic)}, joined by both at the same moment`)
    native.send({ type: 'join', topic, coreKey: fromProxied.coreKey })
    proxied.send({ type: 'join', topic, coreKey: fromNative.coreKey })
    return [fromProxied.digest, fromNative.digest]
  }

  /** Resolves to how long it took from the join to the connection on both sides. */
  async #meet(): Promise<number> {
    const [native, proxied] = await Promise.all([
      this.#native.process.next('connected'),
      this.#proxied.process.next('connected')
    ])
    this.#connected = performance.now()
    const ms = Math.max(native.ms, proxied.ms)
    const [finder, found] = native.isDialler ? ['native', 'proxied'] : ['proxied', 'native']
    this.#screen.row('found', `the ${finder} peer found the ${found} peer and connected to it in ${duration(ms)}`)
    return ms
  }

  async #followCut(): Promise<number> {
    await this.#proxied.process.next('cut')
    const { isResumed, ms } = await this.#proxied.process.next('relinked')
    if (!isResumed) throw new Error('The session was not resumed after the link was cut.')
    this.#screen.row('relinked', `after ${duration(ms)}; the connection continues where it was`)
    return ms
  }

  /** Resolves to how long it took from the connection to the last block on both sides. */
  async #replicate(): Promise<number> {
    const done = await Promise.all(this.#peers.map(({ process }) => process.next('replicated')))
    this.#showProgress()
    return Math.max(...done.map(({ ms }) => ms))
  }

  async #verify(digests: [string, string]): Promise<void> {
    const verified = await Promise.all(this.#peers.map(({ process }) => process.next('verified')))
    const isSame = verified.every(({ digest }, index) => digest === digests[index])
    if (!isSame) throw new Error('The blocks that arrived differ from those that were written.')
    if (verified.some(({ connections }) => connections !== 1)) throw new Error('There was more than one connection.')
    this.#screen.row('verified', `every block is the same on both sides, SHA-256 ${digests.map(short).join(' and ')}`)
  }

  #onProgress(peer: Peer, blocks: number): void {
    peer.received = blocks
    this.#showProgress()
    if (this.#isCut || this.#proxied.received < BLOCKS * CUT_AT) return
    this.#isCut = true
    this.#proxy.cut()
    this.#screen.row('cut', `the WebSocket of the proxied peer, after ${count(this.#proxied.received)} blocks`)
  }

  #showProgress(): void {
    if (this.#connected === 0) return
    const received = this.#native.received + this.#proxied.received
    const seconds = Math.max(0.001, (performance.now() - this.#connected) / 1000)
    const rate = megabytes((received * BLOCK_BYTES) / seconds)
    this.#screen.progress(
      'replicating',
      received / (2 * BLOCKS),
      `${count(received)} of ${count(2 * BLOCKS)} blocks, ${rate}/s`
    )
  }

  #summarize(metMs: number, relinkedMs: number, replicatedMs: number): void {
    const rate = megabytes((2 * CORE_BYTES) / (replicatedMs / 1000))
    this.#screen.line('\nA peer with UDP and one with only a WebSocket, which knew nothing but a topic:')
    this.#screen.line(`  met in ${duration(metMs)}, over a connection that the proxy cannot read,`)
    this.#screen.line(
      `  copied ${count(2 * BLOCKS)} blocks (${megabytes(2 * CORE_BYTES)}) in ${duration(replicatedMs)}, ${rate}/s, both ways at once,`
    )
    this.#screen.line(
      `  lost their link in the middle and continued after ${duration(relinkedMs)} over the same connection,`
    )
    this.#screen.line(`  and now hold the same data. The whole demo took ${duration(performance.now() - this.#began)}.`)
  }
}

function sockets(howMany: number | null): string {
  if (howMany === null) return 'UDP sockets unknown'
  return howMany === 0 ? 'no UDP socket' : `${howMany} UDP sockets`
}
