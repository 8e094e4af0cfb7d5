/**
 * A provider for Yjs: everybody on a topic has the same document, and sees who else is there. Works on `Swarm` and on
 * `ProxyClient`, so also in a tab.
 */
import { type Connection, type PeerDiscoverySession, topicFrom } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { createDecoder, readVarUint } from 'lib0/decoding'
import { createEncoder, length, toUint8Array } from 'lib0/encoding'
import Protomux, { type Channel, type Message } from 'protomux'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import type { Doc } from 'yjs'

/** What a provider needs of a swarm. */
export interface ProviderSwarm {
  readonly connections: Iterable<Connection>
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection) => void): unknown
  off(event: 'connection', listener: (connection: Connection) => void): unknown
}

interface Peer {
  readonly channel: Channel
  readonly sync: Message
  readonly presence: Message
  /** Its client in Yjs, once it has said which. */
  client: number | null
}

export class SwarmProvider {
  /** The peers that are connected, and what they say about themselves. */
  readonly awareness: Awareness
  readonly #swarm: ProviderSwarm
  readonly #doc: Doc
  readonly #id: Uint8Array
  readonly #session: PeerDiscoverySession
  readonly #peers = new Set<Peer>()

  constructor(swarm: ProviderSwarm, topic: Uint8Array, doc: Doc) {
    this.#swarm = swarm
    this.#doc = doc
    this.awareness = new Awareness(doc)
    // A peer that is connected for another reason does not learn the topic.
    this.#id = topicFrom(`yjs ${b4a.toString(topic, 'hex')}`)
    doc.on('update', this.#onUpdate)
    this.awareness.on('update', this.#onAwareness)
    swarm.on('connection', this.#onConnection)
    for (const connection of swarm.connections) this.#onConnection(connection)
    this.#session = swarm.join(topic)
  }

  /** Number of peers that share the document with us. */
  get peerCount(): number {
    return this.#peers.size
  }

  /** Leaves the topic. The document stays; connections of the swarm stay. */
  async destroy(): Promise<void> {
    this.#swarm.off('connection', this.#onConnection)
    this.#doc.off('update', this.#onUpdate)
    this.awareness.off('update', this.#onAwareness)
    for (const { channel } of this.#peers) channel.close()
    this.awareness.destroy()
    await this.#session.destroy()
  }

  readonly #onConnection = (connection: Connection): void => {
    const channel = Protomux.from(connection).createChannel({
      protocol: 'swarmway-recipe-yjs',
      id: this.#id,
      onopen: () => this.#onOpen(peer),
      onclose: () => this.#onClose(peer)
    })
    if (channel === null) return
    // What a peer sends may be anything. If it cannot be read, the peer loses its connection.
    const guard = (read: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => {
      try {
        read(bytes)
      } catch (error) {
        connection.destroy(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const sync = channel.addMessage({ onmessage: guard((bytes) => this.#onSync(peer, bytes)) })
    const presence = channel.addMessage({ onmessage: guard((bytes) => this.#onPresence(peer, bytes)) })
    const peer: Peer = { channel, sync, presence, client: null }
    channel.open()
  }

  /** Both sides have opened the channel: each says what it has, and is sent what it lacks. */
  #onOpen(peer: Peer): void {
    this.#peers.add(peer)
    const encoder = createEncoder()
    writeSyncStep1(encoder, this.#doc)
    peer.sync.send(toUint8Array(encoder))
    if (this.awareness.getLocalState() !== null) peer.presence.send(this.#ownPresence())
  }

  #onSync(peer: Peer, bytes: Uint8Array): void {
    const answer = createEncoder()
    readSyncMessage(createDecoder(bytes), answer, this.#doc, peer, (error) => {
      throw error
    })
    if (length(answer) > 0) peer.sync.send(toUint8Array(answer))
  }

  /** A peer speaks for one client, and for nobody else's. */
  #onPresence(peer: Peer, bytes: Uint8Array): void {
    const decoder = createDecoder(bytes)
    const [count, client] = [readVarUint(decoder), readVarUint(decoder)]
    const others = [...this.#peers].filter((other) => other !== peer).map((other) => other.client)
    const isOwn = peer.client === null ? ![this.#doc.clientID, ...others].includes(client) : client === peer.client
    if (count !== 1 || !isOwn) throw new Error('the peer speaks for other clients than its own')
    peer.client = client
    applyAwarenessUpdate(this.awareness, bytes, peer)
  }

  #onClose(peer: Peer): void {
    this.#peers.delete(peer)
    if (peer.client !== null) removeAwarenessStates(this.awareness, [peer.client], 'gone')
  }

  /** Also what came from a peer is passed on, so not everybody has to be connected with everybody. */
  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    const encoder = createEncoder()
    writeUpdate(encoder, update)
    const bytes = toUint8Array(encoder)
    for (const peer of this.#peers) if (peer !== origin) peer.sync.send(bytes)
  }

  readonly #onAwareness = (changes: { added: number[]; updated: number[]; removed: number[] }): void => {
    const changed = [...changes.added, ...changes.updated, ...changes.removed]
    if (!changed.includes(this.#doc.clientID)) return
    for (const peer of this.#peers) peer.presence.send(this.#ownPresence())
  }

  #ownPresence(): Uint8Array {
    return encodeAwarenessUpdate(this.awareness, [this.#doc.clientID])
  }
}
