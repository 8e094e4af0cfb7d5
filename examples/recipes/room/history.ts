/** What is said in a room, kept: each member has a Hypercore of what they have said, and reads those of the others. */
import type { Connection, PeerDiscoverySession } from '@swarmway/swarm'
import { TypedEmitter } from '@swarmway/swarm/core'
import b4a from 'b4a'
import type Corestore from 'corestore'
import { type Member, type Profile, Room } from './room.ts'

/** The author is the key of a Hypercore, in hex. */
interface HistoryEvents {
  said: [text: string, author: string]
}

type Core = ReturnType<Corestore['get']>

interface HistorySwarm {
  readonly connections: Iterable<Connection>
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection) => void): unknown
  off(event: 'connection', listener: (connection: Connection) => void): unknown
}

export class RoomWithHistory extends TypedEmitter<HistoryEvents> {
  readonly room: Room
  readonly #store: Corestore
  readonly #own: Core
  readonly #replicate: (connection: Connection) => void
  readonly #swarm: HistorySwarm
  /** Keys of Hypercores that are read, in hex. */
  readonly #authors = new Set<string>()

  private constructor(swarm: HistorySwarm, topic: Uint8Array, store: Corestore, own: Core, profile: Profile) {
    super()
    this.#swarm = swarm
    this.#store = store
    this.#own = own
    this.#replicate = (connection) => void store.replicate(connection)
    swarm.on('connection', this.#replicate)
    this.room = new Room(swarm, topic, { ...profile, core: b4a.toString(own.key, 'hex') })
    this.room.on('here', (member) => this.#onHere(member))
    this.#read(own)
  }

  /** Enters the room with the store's Hypercore for this topic, which is the same the next time. */
  static async enter(
    swarm: HistorySwarm,
    topic: Uint8Array,
    store: Corestore,
    profile: Profile
  ): Promise<RoomWithHistory> {
    const own = store.get({ name: `room ${b4a.toString(topic, 'hex')}` })
    await own.ready()
    return new RoomWithHistory(swarm, topic, store, own, profile)
  }

  /** Says something to everybody, including those who come later, if we are here then. */
  async say(text: string): Promise<void> {
    await this.#own.append([text])
  }

  async leave(): Promise<void> {
    this.#swarm.off('connection', this.#replicate)
    await this.room.leave()
    await this.#store.close()
  }

  #onHere({ profile }: Member): void {
    const { core = '' } = profile
    if (/^[0-9a-f]{64}$/.test(core) && !this.#authors.has(core))
      this.#read(this.#store.get({ key: b4a.from(core, 'hex') }))
  }

  /** Emits each block, from the first one on, and then those that come. Ends with the store. */
  async #read(core: Core): Promise<void> {
    try {
      await core.ready()
      const author = b4a.toString(core.key, 'hex')
      if (this.#authors.has(author)) return
      this.#authors.add(author)
      for await (const block of core.createReadStream({ live: true })) {
        this.emit('said', b4a.toString(block, 'utf8'), author)
      }
    } catch {
      // The store was closed.
    }
  }
}
