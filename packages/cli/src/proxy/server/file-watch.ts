import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'

/** How often files are looked at. */
export const LOOK_MS = 2000

/** What a watch tells. */
export interface FileWatchListener {
  /** The files' new contents, in the order of their names. What it throws goes to `onError`. */
  onChange(contents: Buffer[]): void
  /** A file cannot be read, or `onChange` has thrown. Once for each state of the files. */
  onError(error: Error): void
}

/**
 * Tells when the content of files has changed. It compares contents instead of waiting for events of the file system:
 * those get lost when a file is replaced, mounted or behind symbolic links, which is how certificates and secrets come.
 */
export class FileWatch {
  readonly #files: readonly string[]
  readonly #listener: FileWatchListener
  readonly #clock: Clock
  #known: string
  #timer: unknown = null
  #isClosed = false

  /** `contents` are what the files held when they were first read. */
  constructor(files: readonly string[], contents: Buffer[], listener: FileWatchListener, clock: Clock = systemClock) {
    this.#files = files
    this.#listener = listener
    this.#clock = clock
    this.#known = fingerprint(contents)
    this.#schedule()
  }

  /** Tells nothing more. */
  close(): void {
    this.#isClosed = true
    this.#clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => void this.#look(), LOOK_MS)
  }

  async #look(): Promise<void> {
    const state = await readState(this.#files)
    if (this.#isClosed) return
    if (state.fingerprint !== this.#known) {
      this.#known = state.fingerprint
      this.#tell(state.contents)
    }
    this.#schedule()
  }

  #tell(contents: Buffer[] | Error): void {
    try {
      if (contents instanceof Error) throw contents
      this.#listener.onChange(contents)
    } catch (error) {
      this.#listener.onError(error as Error)
    }
  }
}

/** Reads all of the files. */
export function readAll(files: readonly string[]): Promise<Buffer[]> {
  return Promise.all(files.map((file) => readFile(file)))
}

async function readState(files: readonly string[]): Promise<{ fingerprint: string; contents: Buffer[] | Error }> {
  try {
    const contents = await readAll(files)
    return { fingerprint: fingerprint(contents), contents }
  } catch (error) {
    return { fingerprint: `error ${(error as NodeJS.ErrnoException).code}`, contents: error as Error }
  }
}

function fingerprint(contents: Buffer[]): string {
  return contents.map((content) => createHash('sha256').update(content).digest('hex')).join(' ')
}
