import { createHash, type Hash } from 'node:crypto'
import { constants, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isHole } from '../shared/files/holes.js'
import { makeFolder } from '../shared/files/make-folder.js'
import type { PlannedFile } from './plan.js'

/** A link must not be followed: it could lead out of the folder. Undefined on Windows. */
const NO_LINK = constants.O_NOFOLLOW ?? 0

/** A file that is being received. It has its name only when it is whole; what is there of it stays for a later attempt. */
export class IncomingFile {
  readonly planned: PlannedFile
  readonly #file: FileHandle
  readonly #hash: Hash
  /** Bytes of the file that are here. */
  #bytes: number

  private constructor(planned: PlannedFile, file: FileHandle, hash: Hash, bytes: number) {
    this.planned = planned
    this.#file = file
    this.#hash = hash
    this.#bytes = bytes
  }

  /** Opens it to continue after `offset` bytes, of which `hash` is the state. */
  static async open(planned: PlannedFile, offset: number, hash: Hash): Promise<IncomingFile> {
    makeFolder(dirname(planned.path))
    const file = await openUnfinished(planned.unfinished)
    try {
      if (!(await file.stat()).isFile()) throw new Error(`${planned.unfinished} is not a file`)
      await file.truncate(offset)
    } catch (error) {
      await file.close()
      throw error
    }
    return new IncomingFile(planned, file, hash, offset)
  }

  /** Whether this many bytes more belong to it. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.planned.offered.bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk)
    const at = this.#bytes
    this.#bytes += chunk.byteLength
    if (isHole(chunk)) return
    for (let done = 0; done < chunk.byteLength; ) {
      done += (await this.#file.write(chunk, done, chunk.byteLength - done, at + done)).bytesWritten
    }
  }

  /**
   * Gives it its name and time, if it is whole. Returns false, and removes it, if it is not what the sender read.
   * `assertFree` throws if something is in its place now.
   */
  async finish(sha256: Uint8Array, assertFree: () => void): Promise<boolean> {
    const { offered, path, unfinished } = this.planned
    const isWhole = this.#bytes === offered.bytes && this.#hash.digest().equals(sha256)
    // There may be a hole at its end.
    if (isWhole) await this.#file.truncate(offered.bytes)
    if (isWhole) await this.#file.utimes(new Date(), offered.modifiedMs / 1000)
    await this.#file.close()
    if (!isWhole) rmSync(unfinished, { force: true })
    if (!isWhole) return false
    assertFree()
    renameSync(unfinished, path)
    return true
  }

  /** Removes it. */
  async drop(): Promise<void> {
    await this.#file.close()
    rmSync(this.planned.unfinished, { force: true })
  }

  /** Keeps what is there. */
  close(): Promise<void> {
    return this.#file.close()
  }
}

/** What an earlier attempt left of a file: its length, and the state of its hash. */
export async function readPresent({ presentBytes, unfinished }: PlannedFile): Promise<{ offset: number; hash: Hash }> {
  const hash = createHash('sha256')
  if (presentBytes === 0) return { offset: 0, hash }
  const file = await open(unfinished, constants.O_RDONLY | NO_LINK)
  let offset = 0
  try {
    for await (const chunk of file.createReadStream({ autoClose: false, end: presentBytes - 1 })) {
      hash.update(chunk)
      offset += chunk.byteLength
    }
  } finally {
    await file.close()
  }
  return { offset, hash }
}

function openUnfinished(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | NO_LINK, 0o666)
}
