import type { PartStore } from './part-store.js'

const NOTE = 'note'

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
