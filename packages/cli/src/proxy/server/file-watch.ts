import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'
import { codeOf } from '@swarmway/runtime'

/** Milliseconds between checks of the files. */
export const LOOK_MS = 2000

/** Callbacks of a watch. */
export interface FileWatchListener {
  /** Receives the files' new contents, in the order of their names. Errors it throws go to `onError`. */
  onChange(contents: Buffer[]): void
  /** A file cannot be read, or `onChange` threw. Called once per state of the files. */
  onError(error: Error): void
}

/**
 * Reports changes of files. It compares contents instead of waiting for file system events, which get lost when a file
 * is replaced, mounted or behind symbolic links, as certificates and secrets usually are.
 */
export class FileWatch {
  readonly #files: readonly string[]
  readonly #listener: FileWatchListener
  readonly #clock: Clock
  #known: string
  #timer: unknown = null
  #isClosed = false

  /** `contents` are the files' contents when they were first read. */
  constructor(files: readonly string[], contents: Buffer[], listener: FileWatchListener, clock: Clock = systemClock) {
    this.#files = files
    this.#listener = listener
    this.#clock = clock
    this.#known = fingerprint(contents)
    this.#schedule()
  }

  /** Stops reporting. */
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
    return { fingerprint: `error ${codeOf(error)}`, contents: error as Error }
  }
}

function fingerprint(contents: Buffer[]): string {
  return contents.map((content) => createHash('sha256').update(content).digest('hex')).join(' ')
}
