import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { failureText } from '../shared/errors/write-error.js'

interface Watched {
  readonly id: string
  readonly watcher: FSWatcher
}

/**
 * Watches of a folder and of all folders in it, one for each. Node's own recursive watch has, on Linux, one for each file, and
 * reads a folder again at each change in it: thousands of new files kept the process busy for minutes.
 */
export class FolderWatches {
  readonly #folder: string
  readonly #onChange: () => void
  readonly #watched = new Map<string, Watched>()

  constructor(folder: string, onChange: () => void) {
    this.#folder = folder
    this.#onChange = onChange
  }

  /**
   * Watches the folders that have come, and no longer those that are gone. Returns whether any has come: what was changed in
   * it before was not seen. A folder that was removed and made again is another one, about which the system reports nothing.
   * Throws a `CliError` if a folder cannot be watched.
   */
  update(): boolean {
    const seen = new Set<string>()
    let hasNew = false
    for (const path of this.#folders()) {
      seen.add(path)
      hasNew = this.#watch(path) || hasNew
    }
    for (const path of this.#watched.keys()) if (!seen.has(path)) this.#unwatch(path)
    return hasNew
  }

  close(): void {
    for (const path of this.#watched.keys()) this.#unwatch(path)
  }

  /** Each comes before those in it, which are read when it is watched. */
  *#folders(path = this.#folder): Generator<string> {
    yield path
    for (const name of subfolders(path)) yield* this.#folders(join(path, name))
  }

  #watch(path: string): boolean {
    const id = idOf(path)
    if (id === null || this.#watched.get(path)?.id === id) return false
    this.#unwatch(path)
    try {
      const watcher = watch(path, this.#onChange)
      this.#watched.set(path, { id, watcher })
      watcher.on('error', () => this.#lost(path, watcher))
    } catch (error) {
      if (idOf(path) === id) throw cannotWatch(path, error)
    }
    return true
  }

  /** A watch with an error reports nothing more. What is still there is watched again. */
  #lost(path: string, watcher: FSWatcher): void {
    if (this.#watched.get(path)?.watcher === watcher) this.#unwatch(path)
    this.#onChange()
  }

  #unwatch(path: string): void {
    this.#watched.get(path)?.watcher.close()
    this.#watched.delete(path)
  }
}

/** Of this very folder: a new one may get the number of the one that was just removed. Null if there is none. */
function idOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? null : `${stats.ino} ${stats.birthtimeMs}`
}

/** None of a folder that is gone or cannot be read. */
function subfolders(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch {
    return []
  }
}

function cannotWatch(path: string, error: unknown): CliError {
  return new CliError(`${path} cannot be watched: ${failureText(error)}.`, {
    hint: 'Share it without --watch, or let this machine watch more folders (on Linux: fs.inotify.max_user_watches).',
    exitCode: EXIT.unusable,
    cause: error
  })
}
