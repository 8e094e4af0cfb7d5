import type { PartStore } from './part-store.js'

/** All folders of this page are in it. */
const FOLDER = 'swarmway-receive'
const NOTE = 'note'
const CODE = 'code'
/** Milliseconds: a page that is reloaded may hold its lock for a moment more. */
const LOCK_TIMEOUT_MS = 3000

/** Where each code has its folder. Null without such a file system: in private windows, on plain http, in older browsers. */
export async function openFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype) || navigator.locks === undefined) return null
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(FOLDER, { create: true })
  } catch {
    return null
  }
}

/** Takes the lock of a folder. Resolves to what gives it back, or null if another tab has it. */
export function lock(id: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const options = { signal: AbortSignal.timeout(LOCK_TIMEOUT_MS) }
    const held = navigator.locks.request(lockName(id), options, () => new Promise<void>(resolve))
    held.catch(() => resolve(null))
  })
}

/** Runs a task with the lock of a folder, unless a tab has it. */
export async function ifFree(id: string, task: () => Promise<void>): Promise<void> {
  await navigator.locks.request(lockName(id), { ifAvailable: true }, async (granted) => {
    if (granted !== null) await task()
  })
}

function lockName(id: string): string {
  return `${FOLDER}-${id}`
}

/**
 * In the origin private file system, which is on disk and survives a reload. What is written to a file there counts once
 * it is closed, so each piece is a file of its own.
 */
export class OpfsParts implements PartStore {
  readonly isLasting = true
  readonly release: () => void
  readonly #folder: FileSystemDirectoryHandle

  constructor(folder: FileSystemDirectoryHandle, release: () => void) {
    this.#folder = folder
    this.release = release
  }

  async read(name: string): Promise<Blob[]> {
    const folder = await found(this.#folder.getDirectoryHandle(name))
    const pieces: Blob[] = []
    for (;;) {
      const piece = folder && (await readFile(folder, String(pieces.length)))
      if (!piece) return pieces
      pieces.push(piece)
    }
  }

  async write(name: string, index: number, piece: Blob): Promise<void> {
    const folder = await this.#folder.getDirectoryHandle(name, { create: true })
    await writeFile(folder, String(index), piece)
  }

  async remove(name: string): Promise<void> {
    await found(this.#folder.removeEntry(name, { recursive: true }))
  }

  async readNote(): Promise<string | null> {
    return (await readFile(this.#folder, NOTE))?.text() ?? null
  }

  async writeNote(text: string): Promise<void> {
    await writeFile(this.#folder, NOTE, new Blob([text]))
  }

  async readCode(): Promise<string | null> {
    return (await readFile(this.#folder, CODE))?.text() ?? null
  }

  async writeCode(code: string): Promise<void> {
    await writeFile(this.#folder, CODE, new Blob([code]))
  }

  /** Number of files that have begun to arrive. */
  async countFiles(): Promise<number> {
    let count = 0
    for await (const { kind } of this.#folder.values()) if (kind === 'directory') count++
    return count
  }

  async clear(): Promise<void> {
    for await (const name of this.#folder.keys()) await found(this.#folder.removeEntry(name, { recursive: true }))
  }
}

/** Null if there is none, or an empty one, which a page that was closed at that moment leaves behind. */
async function readFile(folder: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  const file = await (await found(folder.getFileHandle(name)))?.getFile()
  return file === undefined || file.size === 0 ? null : file
}

async function writeFile(folder: FileSystemDirectoryHandle, name: string, content: Blob): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true })
  const writable = await file.createWritable()
  try {
    await writable.write(content)
    await writable.close()
  } catch (error) {
    await writable.abort().catch(() => {})
    throw error
  }
}

/** Null if it does not exist. */
async function found<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return null
    throw error
  }
}
