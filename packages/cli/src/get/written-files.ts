import { closeSync, createReadStream, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Digest, digestOf, isSameDigest } from '../shared/files/digest.js'
import { makeFolder } from '../shared/files/make-folder.js'
import { realPath } from '../shared/files/real-path.js'
import { shortHash } from '../shared/files/short-hash.js'
import { keyEncoding } from '../shared/names/keys.js'

/** What was written under one name. */
export interface WrittenFile extends Digest {
  /** Identifies the content within the share; see `contentIdOf`. */
  readonly contentId: string
}

/**
 * The record of what a share's download wrote into one folder, kept outside it: one line per file. A file is recorded
 * just before it is renamed, so until the next {@link tidy} its previous line may be there as well.
 */
export class WrittenFiles {
  readonly #path: string
  readonly #files = new Map<string, WrittenFile[]>()
  readonly #added = new Set<string>()
  /** The record's descriptor, from `begin` to `close`. */
  #record: number | null = null
  /** Whether anything was written into the folder before. */
  isKnown: boolean

  /** Reads the record in `notes` of what the share of `key` wrote into `folder`. */
  constructor(notes: string, key: Uint8Array, folder: string) {
    const place = shortHash(`${keyEncoding.encode(key)} ${realPath(folder)}`)
    this.#path = join(notes, 'written', `${place}.jsonl`)
    this.isKnown = existsSync(this.#path)
    const lines = this.isKnown ? readFileSync(this.#path, 'utf8').split('\n') : []
    for (const line of lines) this.#read(line)
  }

  /** Marks the folder as one that this share writes to. Call `close` when nothing more is added. */
  begin(): void {
    makeFolder(dirname(this.#path), 0o700)
    this.#record ??= openSync(this.#path, 'a', 0o600)
    this.isKnown = true
  }

  /** The content that was written to `path`, if the file still has it; otherwise null. */
  async untouched(key: string, path: string, bytes: number, signal?: AbortSignal): Promise<WrittenFile | null> {
    const written = (this.#files.get(key) ?? []).filter((file) => file.bytes === bytes)
    if (written.length === 0) return null
    const digest = await digestOf(createReadStream(path, { signal }))
    return written.findLast((file) => isSameDigest(file, digest)) ?? null
  }

  /** Whether this name was written before. */
  has(key: string): boolean {
    return this.#files.has(key)
  }

  /** Whether this run has written this name. */
  wasAdded(key: string): boolean {
    return this.#added.has(key)
  }

  /** Records what is about to be written to a file. Call `begin` first. */
  add(key: string, file: WrittenFile): void {
    if (this.#record === null) throw new Error('the record is not open')
    this.#put(key, file)
    this.#added.add(key)
    writeFileSync(this.#record, toLine(key, file))
  }

  close(): void {
    if (this.#record !== null) closeSync(this.#record)
    this.#record = null
  }

  /** Drops replaced lines. Call it when every recorded file has its name. Throws errors of the file system. */
  tidy(): void {
    // Windows does not replace a file that is open.
    this.close()
    const lines = [...this.#files].map(([key, files]) => files.slice(-1).map((file) => toLine(key, file)))
    writeFileSync(`${this.#path}.new`, lines.flat().join(''), { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
  }

  #put(key: string, file: WrittenFile): void {
    const earlier = (this.#files.get(key) ?? []).filter((other) => !isSameDigest(other, file))
    this.#files.set(key, [...earlier.slice(-1), file])
  }

  /** A line cut off by a crash is ignored: its file is not taken for ours. */
  #read(line: string): void {
    const note = parse(line)
    if (note !== null) this.#put(note.key, note)
  }
}

function toLine(key: string, { bytes, contentId, sha256 }: WrittenFile): string {
  return `${JSON.stringify({ key, bytes, sha256, contentId })}\n`
}

function parse(line: string): (WrittenFile & { key: string }) | null {
  try {
    const { bytes, contentId, key, sha256 } = JSON.parse(line) as Record<string, unknown>
    if (typeof bytes !== 'number' || typeof key !== 'string') return null
    if (typeof sha256 !== 'string' || typeof contentId !== 'string') return null
    return { key, bytes, sha256, contentId }
  } catch {
    return null
  }
}
