import b4a from 'b4a'
import Hypercore from 'hypercore10'
import RAM from 'random-access-memory'
import type { Peer } from './peer.ts'
import { type FileOffer, MAX_FILE_BYTES, MAX_FILE_NAME_LENGTH } from './protocol.ts'

const BLOCK_BYTES = 64 * 1024
/** Blocks that are hashed and signed at once; the page can draw between the batches. */
const BLOCKS_PER_APPEND = 16

/** The source of the bytes of our own files. */
export interface FileSource {
  readonly name: string
  readonly mediaType: string
  readonly sizeBytes: number
  read(start: number, end: number): Promise<Uint8Array>
}

/**
 * - `preparing`: it is being read and not offered yet
 * - `offered`: somebody has it, and we could fetch it
 * - `fetching`: it is on its way
 * - `complete`: we hold it and supply it to others
 * - `failed`: see `failure`
 */
export type FileState = 'preparing' | 'offered' | 'fetching' | 'complete' | 'failed'

/** A file of the room: a Hypercore in memory, once we hold some of it. */
export class SharedFile {
  readonly offer: FileOffer
  readonly isOwn: boolean
  state: FileState
  /** One sentence. */
  failure: string | null = null
  /** Bytes read or fetched. */
  doneBytes = 0
  /** The peers in the room that hold it, by public key. */
  readonly holders = new Set<string>()
  #core: Hypercore | null
  readonly #onChange: (file: SharedFile) => void

  private constructor(offer: FileOffer, core: Hypercore | null, onChange: (file: SharedFile) => void) {
    this.offer = offer
    this.isOwn = core !== null
    this.state = core === null ? 'offered' : 'preparing'
    this.#core = core
    this.#onChange = onChange
  }

  /** A file that a peer has offered. */
  static offered(offer: FileOffer, onChange: (file: SharedFile) => void): SharedFile {
    return new SharedFile(offer, null, onChange)
  }

  /** One of our own files, to be filled by `fill`. Throws if it is too large. */
  static async own(source: FileSource, onChange: (file: SharedFile) => void): Promise<SharedFile> {
    const { mediaType, sizeBytes } = source
    if (sizeBytes > MAX_FILE_BYTES) throw new Error(`Files of up to ${MAX_FILE_BYTES / 1024 ** 2} MB can be shared.`)
    const core = new Hypercore(RAM)
    await core.ready()
    const offer = {
      key: b4a.toString(core.key, 'hex'),
      name: source.name.slice(0, MAX_FILE_NAME_LENGTH),
      mediaType: mediaType.slice(0, 100),
      sizeBytes,
      blocks: Math.ceil(sizeBytes / BLOCK_BYTES),
      timeMs: Date.now()
    }
    return new SharedFile(offer, core, onChange)
  }

  /** Reads the whole file into the Hypercore. */
  async fill(source: FileSource): Promise<void> {
    const stepBytes = BLOCK_BYTES * BLOCKS_PER_APPEND
    try {
      for (let start = 0; start < source.sizeBytes && this.state === 'preparing'; start += stepBytes) {
        const bytes = await source.read(start, Math.min(start + stepBytes, source.sizeBytes))
        await this.#core?.append(blocksOf(bytes))
        this.doneBytes += bytes.byteLength
        this.#onChange(this)
      }
      this.#settle()
    } catch (error) {
      this.#fail(`The file could not be read: ${messageOf(error)}`)
    }
  }

  /** Fetches the file from any peer that has it, now or later. Call `replicate` for connected peers. */
  async fetch(): Promise<void> {
    if (this.state !== 'offered') return
    this.#set('fetching')
    const core = new Hypercore(RAM, b4a.from(this.offer.key, 'hex'))
    this.#core = core
    core.on('download', (_index, byteLength) => this.#onBlock(byteLength))
    await core.ready()
    try {
      await core.download({ start: 0, end: this.offer.blocks }).done()
      this.#settle()
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  /** Replicates the file's blocks over a connection. */
  replicate(peer: Peer): void {
    this.#core?.replicate(peer.connection)
  }

  /** The file's bytes, block by block. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < this.offer.blocks; index++) {
      const block = this.state === 'complete' ? await this.#core?.get(index, { wait: false }) : null
      if (!block) throw new Error('the file is not complete')
      yield block
    }
  }

  async close(): Promise<void> {
    if (this.state !== 'failed') this.state = 'failed'
    await this.#core?.close()
  }

  #onBlock(byteLength: number): void {
    this.doneBytes += byteLength
    if (this.doneBytes > this.offer.sizeBytes) this.#fail('It is larger than announced.')
    else this.#onChange(this)
  }

  #settle(): void {
    if (this.state !== 'fetching' && this.state !== 'preparing') return
    if (this.doneBytes === this.offer.sizeBytes) this.#set('complete')
    else this.#fail('It is smaller than announced.')
  }

  #fail(failure: string): void {
    if (this.state === 'failed') return
    this.failure = failure
    this.#set('failed')
    void this.#core?.close()
    this.#core = null
  }

  #set(state: FileState): void {
    this.state = state
    this.#onChange(this)
  }
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = []
  for (let start = 0; start < bytes.byteLength; start += BLOCK_BYTES) {
    blocks.push(bytes.subarray(start, start + BLOCK_BYTES))
  }
  return blocks
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
