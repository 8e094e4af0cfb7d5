/** Notes with several writers, by Autobase: each writes into a Hypercore, and all see the same list. Node only. */
import type { Connection, PeerDiscoverySession } from '@swarmway/swarm'
import Autobase, { type Host, type View } from 'autobase'
import b4a from 'b4a'
import type Corestore from 'corestore'

interface NotesSwarm {
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection) => void): unknown
  off(event: 'connection', listener: (connection: Connection) => void): unknown
}

/** What writers append. Each peer computes the view from it, so applying must depend on nothing else. */
type Entry = { readonly type: 'note'; readonly text: string } | { readonly type: 'writer'; readonly key: string }

export class SharedNotes {
  readonly #swarm: NotesSwarm
  readonly #base: Autobase
  readonly #session: PeerDiscoverySession
  readonly #replicate: (connection: Connection) => void

  private constructor(swarm: NotesSwarm, base: Autobase) {
    this.#swarm = swarm
    this.#base = base
    this.#replicate = (connection) => void base.replicate(connection)
    swarm.on('connection', this.#replicate)
    this.#session = swarm.join(base.key)
  }

  /** Opens the notes of that key; without one, begins new notes, which the store remembers. */
  static async open(swarm: NotesSwarm, store: Corestore, key: Uint8Array | null = null): Promise<SharedNotes> {
    const openView = (views: { get(name: string, options: { valueEncoding: 'json' }): View }) =>
      views.get('notes', { valueEncoding: 'json' })
    const base = new Autobase(store, key, { valueEncoding: 'json', open: openView, apply })
    await base.ready()
    return new SharedNotes(swarm, base)
  }

  /** What others need to open the notes. They can read them then. */
  get key(): Uint8Array {
    return this.#base.key
  }

  /** What a writer needs to admit us, with `admit`. */
  get writerKey(): Uint8Array {
    return this.#base.local.key
  }

  /** Whether somebody has admitted us. */
  get isWriter(): boolean {
    return this.#base.writable
  }

  /** Lets somebody else write, and admit others. Only a writer can do so. */
  async admit(writerKey: Uint8Array): Promise<void> {
    await this.#append({ type: 'writer', key: b4a.toString(writerKey, 'hex') })
  }

  async add(text: string): Promise<void> {
    await this.#append({ type: 'note', text })
  }

  /** All notes, in an order on which all peers agree in the end. */
  async list(): Promise<string[]> {
    await this.#base.update()
    const { view } = this.#base
    const notes = Array.from({ length: view.length }, (_, index) => view.get(index))
    return (await Promise.all(notes)).map(String)
  }

  async close(): Promise<void> {
    this.#swarm.off('connection', this.#replicate)
    await this.#session.destroy()
    await this.#base.close()
  }

  async #append(entry: Entry): Promise<void> {
    await this.#base.append(entry)
  }
}

/** Entries may come again in another order: then the view is truncated, and this is called for them again. */
async function apply(nodes: readonly { value: unknown }[], view: View, host: Host): Promise<void> {
  for (const { value } of nodes) {
    const entry = value as Entry
    if (entry.type === 'writer') await host.addWriter(b4a.from(entry.key, 'hex'), { indexer: true })
    else await view.append(entry.text)
  }
}
