import { type Connection, type PeerDiscoverySession, type PeerInfo, topicFrom } from '@swarmway/proxy-client'
import b4a from 'b4a'
import { Conversation, type Line } from './conversation.ts'
import { hueOf, Peer } from './peer.ts'
import { type FileOffer, MAX_NICKNAME_LENGTH, MAX_TEXT_LENGTH, type Message, type Reach } from './protocol.ts'
import { type FileSource, SharedFile } from './shared-file.ts'

/** Offers that are remembered from all peers together. */
const MAX_FILES = 200

/** What a room needs of a swarm: `Swarm` and `ProxyClient` both have it. */
export interface RoomSwarm {
  readonly keyPair: { readonly publicKey: Uint8Array }
  on(event: 'connection', listener: (connection: Connection, info: PeerInfo) => void): unknown
  join(topic: Uint8Array): PeerDiscoverySession
}

/** The room to enter, and how to appear in it. */
export interface RoomOptions {
  /** Everyone who joins the same name is in the same room. */
  name: string
  nickname: string
  reach: Reach
  /** Our colour, in degrees. Default: one that comes from our key. */
  hue?: number | undefined
  /** Peers, lines or files have changed. Called often: redraw when there is time. */
  onChange(): void
  /** Somebody else said something or offered a file. */
  onLine?(line: Line): void
  onOffer?(file: SharedFile, peer: Peer): void
}

/**
 * A name under which people meet: the peers, the conversation, the files. Works on any swarm. Everybody sends every new
 * peer all of their own lines and the files they hold, so nothing is lost when a connection breaks, and latecomers
 * receive it too.
 */
export class Room {
  readonly name: string
  readonly topic: Uint8Array
  /** Our own public key, in hex. */
  readonly key: string
  readonly discovery: PeerDiscoverySession
  readonly conversation = new Conversation()
  /** By the key of the Hypercore, in hex. */
  readonly files = new Map<string, SharedFile>()
  readonly #peers = new Map<string, Peer>()
  readonly #options: RoomOptions
  /** Our colour, in degrees. */
  readonly hue: number
  #nickname: string

  constructor(swarm: RoomSwarm, options: RoomOptions) {
    this.name = options.name
    this.topic = topicFrom(`swarmway example room: ${options.name}`)
    this.key = b4a.toString(swarm.keyPair.publicKey, 'hex')
    this.#options = options
    this.hue = options.hue ?? hueOf(this.key)
    this.#nickname = options.nickname.slice(0, MAX_NICKNAME_LENGTH)
    swarm.on('connection', (connection, info) => this.#onConnection(connection, info))
    this.discovery = swarm.join(this.topic)
  }

  get nickname(): string {
    return this.#nickname
  }

  set nickname(nickname: string) {
    this.#nickname = nickname.slice(0, MAX_NICKNAME_LENGTH)
    this.#broadcast(this.#hello())
  }

  /** The connected peers, in a stable order. */
  get peers(): readonly Peer[] {
    return [...this.#peers.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Says something to everybody, including those who join later. Text beyond `MAX_TEXT_LENGTH` is cut. */
  say(words: string): Line {
    const id = Math.random().toString(36)
    const text = words.slice(0, MAX_TEXT_LENGTH)
    const line: Line = { id, text, timeMs: Date.now(), author: this.key, nickname: this.#nickname, hue: this.hue }
    this.conversation.add(line)
    for (const peer of this.#peers.values()) void this.#send([line], peer)
    this.#options.onChange()
    return line
  }

  /** Reads a file and offers it to everybody. Rejects if it is too large. */
  async share(source: FileSource): Promise<SharedFile> {
    const file = await SharedFile.own(source, (changed) => this.#onFileChanged(changed))
    this.files.set(file.offer.key, file)
    await file.fill(source)
    return file
  }

  /** Fetches a file that somebody has offered. Resolves when it is complete or has failed. */
  async fetch(file: SharedFile): Promise<void> {
    const fetched = file.fetch()
    for (const peer of this.peers) file.replicate(peer)
    await fetched
  }

  /** Measures every peer's traffic. */
  measure(): void {
    for (const peer of this.#peers.values()) peer.measure()
  }

  /** Releases all files. The caller destroys the swarm before this. */
  async close(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.close()))
  }

  #onConnection(connection: Connection, info: PeerInfo): void {
    const peer = new Peer(connection, info, {
      onMessage: (from, message) => this.#onMessage(from, message),
      onNonsense: (from) => this.#expel(from)
    })
    this.#peers.set(peer.key, peer)
    connection.on('error', () => {})
    connection.once('close', () => this.#onClosed(peer))
    this.#greet(peer)
    this.#options.onChange()
  }

  #greet(peer: Peer): void {
    peer.send(this.#hello())
    void this.#send(this.conversation.by(this.key), peer)
    for (const file of this.files.values()) {
      file.replicate(peer)
      if (file.state === 'complete') peer.send({ type: 'hold', file: file.offer })
    }
  }

  #hello(): Message {
    return { type: 'hello', nickname: this.#nickname, reach: this.#options.reach, hue: this.hue }
  }

  /** Sends lines of our own, and marks them once they have arrived: until then, they may be lost with us. */
  async #send(lines: readonly Line[], peer: Peer): Promise<void> {
    for (const line of lines) peer.send(sayingOf(line))
    if (lines.every(({ isDelivered }) => isDelivered) || !(await peer.delivered())) return
    for (const line of lines) line.isDelivered = true
    this.#options.onChange()
  }

  #onClosed(peer: Peer): void {
    // A newer connection to the same peer may have taken its place.
    if (this.#peers.get(peer.key) !== peer) return
    this.#peers.delete(peer.key)
    for (const file of this.files.values()) file.holders.delete(peer.key)
    this.#options.onChange()
  }

  #onMessage(peer: Peer, message: Message): void {
    if (message.type === 'say') this.#onSaid(peer, message)
    if (message.type === 'hold') this.#onHeld(peer, message.file)
    this.#options.onChange()
  }

  #onSaid(peer: Peer, { saying }: Extract<Message, { type: 'say' }>): void {
    // A time in the future is replaced by now: such a line would stay the last one.
    const timeMs = Math.min(saying.timeMs, Date.now())
    const line = { ...saying, timeMs, author: peer.key, nickname: peer.nickname ?? peer.key.slice(0, 6), hue: peer.hue }
    if (this.conversation.add(line)) this.#options.onLine?.(line)
  }

  #onHeld(peer: Peer, offer: FileOffer): void {
    const known = this.files.get(offer.key)
    if (known !== undefined) {
      known.holders.add(peer.key)
      return
    }
    if (this.files.size >= MAX_FILES) return
    const file = SharedFile.offered(offer, (changed) => this.#onFileChanged(changed))
    file.holders.add(peer.key)
    this.files.set(offer.key, file)
    this.#options.onOffer?.(file, peer)
  }

  #onFileChanged(file: SharedFile): void {
    if (file.state === 'complete') {
      for (const peer of this.peers) file.replicate(peer)
      this.#broadcast({ type: 'hold', file: file.offer })
    }
    this.#options.onChange()
  }

  #expel(peer: Peer): void {
    peer.info.ban()
    peer.connection.destroy()
  }

  #broadcast(message: Message): void {
    for (const peer of this.#peers.values()) peer.send(message)
  }
}

function sayingOf({ id, text, timeMs }: Line): Message {
  return { type: 'say', saying: { id, text, timeMs } }
}
