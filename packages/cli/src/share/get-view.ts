import { cleanText } from '../shared/clean-text.js'
import { formatBytes } from '../shared/format.js'
import type { Status } from '../shared/status.js'
import type { DownloadCount, DownloadListener } from './download.js'
import type { ProgressMeter } from './progress.js'
import { ProgressDisplay } from './progress-display.js'
import type { RemoteFiles } from './remote-files.js'

/** Whoever shares can make any number of names that are skipped; so many are told one by one. */
const MAX_SKIPPED = 20

/** What the person sees of a download. */
export class GetView implements DownloadListener {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #signal: AbortSignal

  /** The bar goes when `signal` fires, so that what is said then has a line of its own. */
  constructor(status: Status, { isQuiet, signal }: { isQuiet: boolean; signal: AbortSignal }) {
    this.#status = status
    this.#isQuiet = isQuiet
    this.#signal = signal
  }

  looking(): void {
    this.#status.say('Looking for somebody who shares it.')
  }

  onBegin(files: RemoteFiles, meter: ProgressMeter, presentBytes: number): () => void {
    const here = presentBytes > 0 ? `; ${formatBytes(presentBytes)} are here already` : ''
    this.#status.say(`${filesText(files.wanted.length)}, ${formatBytes(files.totalBytes)}${here}.`)
    if (this.#isQuiet) return () => {}
    const display = new ProgressDisplay(process.stderr, meter)
    const end = () => display.end()
    this.#signal.addEventListener('abort', end, { once: true })
    return end
  }

  done({ fetchedBytes, files, skipped, written }: DownloadCount, folder: string): void {
    for (const { key, reason } of skipped.slice(0, MAX_SKIPPED)) {
      this.#status.tell(`Skipped ${cleanText(key)}: ${reason}.`)
    }
    if (skipped.length > MAX_SKIPPED) this.#status.tell(`Skipped ${skipped.length - MAX_SKIPPED} more.`)
    const fetched = `${written} new or changed; ${formatBytes(fetchedBytes)} fetched`
    this.#status.say(`Done: ${filesText(files)} in ${folder}, ${fetched}.`)
  }
}

function filesText(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
