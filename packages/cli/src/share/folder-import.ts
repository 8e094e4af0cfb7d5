import { basename } from 'node:path'
import { ProgressMeter } from '../shared/progress.js'
import { ProgressDisplay } from '../shared/progress-display.js'
import type { Status } from '../shared/status.js'
import type { FolderContent } from './folder-walk.js'
import type { Hyperdrive } from './packages.js'
import { publishName } from './share-name.js'
import { countLine } from './share-view.js'
import { importFolder } from './shared-folder.js'

/** Less is read before anybody could look. */
const SHOWN_BYTES = 10_000_000

/** Brings a drive up to date with a folder, as often as it changes, and shows how far it is. */
export class FolderImport {
  readonly #folder: string
  readonly #drive: Hyperdrive
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #signal: AbortSignal
  readonly #seen = new Map<string, string>()

  constructor(
    folder: string,
    drive: Hyperdrive,
    status: Status,
    { isQuiet, signal }: { isQuiet: boolean; signal: AbortSignal }
  ) {
    this.#folder = folder
    this.#drive = drive
    this.#status = status
    this.#isQuiet = isQuiet
    this.#signal = signal
  }

  /** Rejects with a `CliError` if a file cannot be read or none is left, or when the signal fires. */
  async run(content: FolderContent): Promise<void> {
    const meter = new ProgressMeter(
      content.files.reduce((sum, { bytes }) => sum + bytes, 0),
      0
    )
    const isShown = !this.#isQuiet && meter.totalBytes >= SHOWN_BYTES
    const display = isShown ? new ProgressDisplay(process.stderr, meter) : null
    const options = { seen: this.#seen, signal: this.#signal, onRead: (bytes: number) => meter.add(bytes) }
    const count = await importFolder(this.#folder, content, this.#drive, options).finally(() => display?.end())
    this.#status.say(countLine(count))
    await publishName(this.#drive, basename(this.#folder))
  }
}
