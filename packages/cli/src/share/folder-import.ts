import { basename } from 'node:path'
import { filesText, shownKey } from '../shared/files/file-texts.js'
import type { FolderContent } from '../shared/files/folder-walk.js'
import { formatBytes } from '../shared/terminal/format.js'
import { ProgressMeter } from '../shared/terminal/progress.js'
import { ProgressDisplay } from '../shared/terminal/progress-display.js'
import type { Status } from '../shared/terminal/status.js'
import type { Hyperdrive } from './packages.js'
import { publishName } from './share-name.js'
import type { SharedBlocks } from './shared-blocks.js'
import { importFolder, type ShareCount } from './shared-folder.js'

/** Less is read before anybody could look. */
const SHOWN_BYTES = 10_000_000

/** How to import. */
export interface FolderImportOptions {
  readonly isQuiet: boolean
  readonly signal: AbortSignal
}

/** Brings a drive up to date with a folder, as often as it changes, and shows how far it is. */
export class FolderImport {
  readonly #folder: string
  readonly #drive: Hyperdrive
  readonly #shared: SharedBlocks
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #signal: AbortSignal
  readonly #seen = new Map<string, string>()
  /** Whether it was brought up to date before. */
  #isDone = false
  /** Changes of the drive are made one after the other. */
  #work: Promise<unknown> = Promise.resolve()

  /** `folder` is a real path. */
  constructor(
    folder: string,
    drive: Hyperdrive,
    shared: SharedBlocks,
    status: Status,
    { isQuiet, signal }: FolderImportOptions
  ) {
    this.#folder = folder
    this.#drive = drive
    this.#shared = shared
    this.#status = status
    this.#isQuiet = isQuiet
    this.#signal = signal
    shared.onChanged = (key, start) => this.#withdraw(key, start)
  }

  /** Resolves when all that was begun is done. */
  async settled(): Promise<void> {
    await this.#work.catch(() => {})
  }

  /** Rejects with a `CliError` if a file cannot be read or none is left, or when the signal fires. */
  run(content: FolderContent): Promise<void> {
    return this.#inTurn(() => this.#run(content))
  }

  async #run(content: FolderContent): Promise<void> {
    const meter = new ProgressMeter(
      content.files.reduce((sum, { bytes }) => sum + bytes, 0),
      0
    )
    const isShown = !this.#isQuiet && meter.totalBytes >= SHOWN_BYTES
    const display = isShown ? new ProgressDisplay(this.#status, meter) : null
    const options = {
      seen: this.#seen,
      signal: this.#signal,
      onRead: (bytes: number) => meter.add(bytes),
      onGone: (key: string) => this.#status.say(`${shownKey(key)} was removed before it was read.`)
    }
    const importing = importFolder(content, this.#drive, this.#shared, options)
    const count = await importing.finally(() => display?.end())
    if (!this.#isDone || count.changed > 0) this.#status.say(countLine(count))
    this.#isDone = true
    await publishName(this.#drive, basename(this.#folder))
  }

  /** A file that has changed since it was read cannot be served: those who have its old hashes would refuse it. */
  #withdraw(key: string, start: number): void {
    if (this.#signal.aborted) return
    const work = this.#inTurn(async () => {
      const blob = (await this.#drive.entry(key))?.value.blob
      if (blob?.blockOffset !== start || this.#signal.aborted) return
      this.#seen.delete(key)
      await this.#drive.del(key)
      await this.#shared.core.clear(start, start + blob.blockLength)
      this.#status.tell(
        `${shownKey(key)} has changed since it was read, and is not served until it is published again.`
      )
    })
    // The share is being closed.
    work.catch(() => {})
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(task, task)
    this.#work = turn
    return turn
  }
}

/** What is shared, and how much of it is new. */
function countLine({ bytes, changed, files, isKnown }: ShareCount): string {
  const count = `${filesText(files)}, ${formatBytes(bytes)}`
  if (!isKnown) return `${count}.`
  return `${count}; ${changed === 0 ? 'nothing changed' : `${changed} new, changed or removed`} since the last time.`
}
