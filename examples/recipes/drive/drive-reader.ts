/**
 * Reads a Hyperdrive in a tab. Hyperdrive itself keeps its data in a native store, which a tab does not have, so this reads its
 * two Hypercores with hypercore 10 in memory: a Hyperbee of the files, and the core of their contents.
 */
import type { Connection, PeerDiscoverySession } from '@swarmway/swarm/core'
import b4a from 'b4a'
import Hyperbee from 'hyperbee'
import { hash, namespace } from 'hypercore-crypto'
import Hypercore from 'hypercore10'
import RandomAccessMemory from 'random-access-memory'

const [CONTENTS = b4a.alloc(0)] = namespace('hyperdrive', 1)

interface DriveSwarm {
  readonly connections: Iterable<Connection>
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection) => void): unknown
  off(event: 'connection', listener: (connection: Connection) => void): unknown
}

/** Where the bytes of a file are in the core of contents. Null for a link. */
interface File {
  readonly blob: { readonly blockOffset: number; readonly blockLength: number } | null
}

export class DriveReader {
  readonly #swarm: DriveSwarm
  readonly #files: Hypercore
  readonly #session: PeerDiscoverySession
  #contents: Hypercore | null = null

  private constructor(swarm: DriveSwarm, files: Hypercore) {
    this.#swarm = swarm
    this.#files = files
    swarm.on('connection', this.#replicate)
    for (const connection of swarm.connections) this.#replicate(connection)
    this.#session = swarm.join(files.discoveryKey)
  }

  /** Resolves when a peer that has the drive is found. */
  static async open(swarm: DriveSwarm, key: Uint8Array): Promise<DriveReader> {
    const files = new Hypercore(() => new RandomAccessMemory(), key)
    await files.ready()
    const reader = new DriveReader(swarm, files)
    // The first block shows that there is a peer; with it comes the manifest.
    await files.get(0)
    await reader.#openContents()
    return reader
  }

  /** Paths of all files, as of now. */
  async list(): Promise<string[]> {
    await this.#files.update({ wait: false })
    const paths: string[] = []
    for await (const { key } of this.#bee().createReadStream()) paths.push(key)
    return paths
  }

  /** The bytes of a file, such as `/index.html`; null if the drive has none of that path. */
  async read(path: string): Promise<Uint8Array | null> {
    await this.#files.update({ wait: false })
    const { blob } = (await this.#bee().get(path))?.value ?? {}
    if (!blob || this.#contents === null) return null
    const contents = this.#contents
    const blocks = Array.from({ length: blob.blockLength }, (_, index) => contents.get(blob.blockOffset + index))
    return b4a.concat(await Promise.all(blocks))
  }

  async close(): Promise<void> {
    this.#swarm.off('connection', this.#replicate)
    await this.#session.destroy()
    await Promise.all([this.#files.close(), this.#contents?.close()])
  }

  #bee(): Hyperbee<File> {
    return new Hyperbee<File>(this.#files, { keyEncoding: 'utf-8', valueEncoding: 'json' }).sub('files')
  }

  async #openContents(): Promise<void> {
    const contents = new Hypercore(() => new RandomAccessMemory(), contentsKey(this.#files))
    await contents.ready()
    this.#contents = contents
    for (const connection of this.#swarm.connections) contents.replicate(connection)
  }

  readonly #replicate = (connection: Connection): void => {
    this.#files.replicate(connection)
    this.#contents?.replicate(connection)
  }
}

/** Hyperdrive derives it from the key and the signers of the drive, so that one key is enough. */
function contentsKey({ key, manifest }: Hypercore): Uint8Array {
  if (manifest === null || manifest.version < 1) throw new Error('the drive was made by a Hyperdrive older than 11')
  const { allowPatch, quorum, version } = manifest
  const signers = manifest.signers.map((signer) => ({ ...signer, namespace: hash([CONTENTS, key, signer.namespace]) }))
  return Hypercore.key({ version, hash: 'blake2b', allowPatch, quorum, signers, prologue: null })
}
