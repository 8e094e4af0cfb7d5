/**
 * A room: says things to everybody on a topic, and knows who is there. Works on `Swarm` and on `ProxyClient`, beside a
 * replication of Hypercores on the same connections.
 */
import { type Connection, type PeerDiscoverySession, TypedEmitter, topicFrom } from '@swarmway/swarm/core'
import b4a from 'b4a'
import Protomux, { type Channel, type Message } from 'protomux'

/** Bytes of a profile, and of a message. A peer that sends more loses its connection. */
const MAX_PROFILE_BYTES = 4096
const MAX_TEXT_BYTES = 65_536

/** What a room needs of a swarm. */
export interface RoomSwarm {
  readonly connections: Iterable<Connection>
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection) => void): unknown
  off(event: 'connection', listener: (connection: Connection) => void): unknown
}

/** What somebody says about themselves: a name, the key of a Hypercore, anything. */
export type Profile = Readonly<Record<string, string>>

/** Somebody who is in the room. */
export interface Member {
  /** Public key, in hex. */
  readonly key: string
  readonly profile: Profile
}

interface RoomEvents {
  here: [member: Member]
  gone: [member: Member]
  message: [text: string, member: Member]
}

interface Peer {
  readonly key: string
  readonly channel: Channel
  readonly profiles: Message
  readonly texts: Message
}

export class Room extends TypedEmitter<RoomEvents> {
  readonly #swarm: RoomSwarm
  readonly #id: Uint8Array
  readonly #profile: Uint8Array
  readonly #session: PeerDiscoverySession
  readonly #peers = new Set<Peer>()
  readonly #members = new Map<Peer, Member>()

  constructor(swarm: RoomSwarm, topic: Uint8Array, profile: Profile) {
    super()
    this.#swarm = swarm
    this.#profile = b4a.from(JSON.stringify(profile))
    if (this.#profile.byteLength > MAX_PROFILE_BYTES)
      throw new RangeError(`a profile has at most ${MAX_PROFILE_BYTES} bytes`)
    // A peer that is connected for another reason does not learn the topic.
    this.#id = topicFrom(`room ${b4a.toString(topic, 'hex')}`)
    swarm.on('connection', this.#onConnection)
    for (const connection of swarm.connections) this.#onConnection(connection)
    this.#session = swarm.join(topic)
  }

  /** Those who are here, apart from us. */
  get members(): readonly Member[] {
    return [...this.#members.values()]
  }

  /** Says something to everybody who is here. Those who come later do not hear it. */
  say(text: string): void {
    const bytes = b4a.from(text)
    if (bytes.byteLength > MAX_TEXT_BYTES) throw new RangeError(`a message has at most ${MAX_TEXT_BYTES} bytes`)
    for (const { texts } of this.#peers) texts.send(bytes)
  }

  /** Leaves. The connections of the swarm stay, as others may use them. */
  async leave(): Promise<void> {
    this.#swarm.off('connection', this.#onConnection)
    for (const { channel } of this.#peers) channel.close()
    await this.#session.destroy()
  }

  readonly #onConnection = (connection: Connection): void => {
    const channel = Protomux.from(connection).createChannel({
      protocol: 'swarmway-recipe-room',
      id: this.#id,
      onopen: () => this.#onOpen(peer),
      onclose: () => this.#onClose(peer)
    })
    if (channel === null) return
    const key = b4a.toString(connection.remotePublicKey, 'hex')
    const reading = (maxBytes: number, read: (text: string) => void) => (bytes: Uint8Array) => {
      if (bytes.byteLength > maxBytes) connection.destroy(new Error('the peer sends more than a room takes'))
      else read(b4a.toString(bytes, 'utf8'))
    }
    const onProfile = (text: string) => {
      const profile = parseProfile(text)
      if (profile === null) connection.destroy(new Error('the peer has sent a profile that is not one'))
      else this.#onProfile(peer, profile)
    }
    const profiles = channel.addMessage({ onmessage: reading(MAX_PROFILE_BYTES, onProfile) })
    const texts = channel.addMessage({ onmessage: reading(MAX_TEXT_BYTES, (text) => this.#onText(peer, text)) })
    const peer: Peer = { key, channel, profiles, texts }
    channel.open()
  }

  #onOpen(peer: Peer): void {
    this.#peers.add(peer)
    peer.profiles.send(this.#profile)
  }

  /** The first one counts. */
  #onProfile(peer: Peer, profile: Profile): void {
    if (this.#members.has(peer)) return
    const member = { key: peer.key, profile }
    this.#members.set(peer, member)
    this.emit('here', member)
  }

  #onText(peer: Peer, text: string): void {
    const member = this.#members.get(peer)
    if (member !== undefined) this.emit('message', text, member)
  }

  #onClose(peer: Peer): void {
    this.#peers.delete(peer)
    const member = this.#members.get(peer)
    this.#members.delete(peer)
    if (member !== undefined) this.emit('gone', member)
  }
}

/** Null if the text is not an object of strings. */
function parseProfile(text: string): Profile | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const entries = Object.entries(value)
    return entries.every(([, one]) => typeof one === 'string') ? Object.fromEntries(entries) : null
  } catch {
    return null
  }
}
