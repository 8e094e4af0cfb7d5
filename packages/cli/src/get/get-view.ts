import { filesText, namesText, shownKey } from '../share/share-view.js'
import { cleanText } from '../shared/clean-text.js'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { formatBytes } from '../shared/format.js'
import type { Status } from '../shared/status.js'
import type { DownloadListener } from './download.js'
import { type DownloadPlan, isForeign } from './download-plan.js'
import type { ProgressMeter } from './progress.js'
import { ProgressDisplay } from './progress-display.js'
import { HIDDEN, type Refusal } from './remote-files.js'

/** Whoever shares can make any number of names that are not written; so many are told one by one. */
const MAX_NAMES = 20

/** What the person sees of a download. */
export class GetView implements DownloadListener {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #signal: AbortSignal
  /** Whether fetching has begun. */
  hasBegun = false

  /** The bar goes when `signal` fires, so that what is said then has a line of its own. */
  constructor(status: Status, { isQuiet, signal }: { isQuiet: boolean; signal: AbortSignal }) {
    this.#status = status
    this.#isQuiet = isQuiet
    this.#signal = signal
  }

  looking(): void {
    this.#status.say('Looking for somebody who shares it.')
  }

  /** Throws a `CliError` if something in the folder keeps files from being written, and says what. */
  assertNoneRefused({ refused }: DownloadPlan, folder: string): void {
    if (refused.length === 0) return
    this.#tellEach('Not written', refused)
    const hint = refused.some(isForeign)
      ? '--overwrite replaces files. Or move them away, or name another folder; --list shows all of it.'
      : 'Move away what is in the way, or name another folder.'
    const count = `${filesText(refused.length)} cannot be written to ${folder} without removing what is there`
    const message = `${count}, so nothing was downloaded.`
    throw new CliError(message, { hint, exitCode: EXIT.unusable })
  }

  onBegin({ kept, write }: DownloadPlan, meter: ProgressMeter, presentBytes: number): () => void {
    this.hasBegun = true
    const here = presentBytes > 0 ? `; ${formatBytes(presentBytes)} are here already` : ''
    this.#status.say(`${filesText(write.length + kept.length)}, ${formatBytes(meter.totalBytes)}${here}.`)
    if (this.#isQuiet) return () => {}
    const display = new ProgressDisplay(process.stderr, meter)
    const end = () => display.end()
    this.#signal.addEventListener('abort', end, { once: true })
    return end
  }

  done({ kept, skipped, write }: DownloadPlan, folder: string, fetchedBytes: number): void {
    this.#tellHidden(skipped.filter(({ reason }) => reason === HIDDEN))
    const others = skipped.filter(({ reason }) => reason !== HIDDEN)
    this.#tellEach('Skipped', others)
    const programs = write.filter(({ entry }) => entry.value.executable).map(({ entry }) => shownKey(entry.key))
    if (programs.length > 0) this.#status.say(`Executable where they come from, but not here: ${namesText(programs)}.`)
    const overwritten = write.filter((file) => file.isForeign).length
    const replaced = overwritten > 0 ? `, ${overwritten} of them overwritten` : ''
    const fetched = `${write.length} new or changed${replaced}; ${formatBytes(fetchedBytes)} fetched`
    this.#status.say(`Done: ${filesText(write.length + kept.length)} in ${folder}, ${fetched}.`)
  }

  #tellHidden(hidden: readonly Refusal[]): void {
    if (hidden.length === 0) return
    const names = namesText(hidden.map(({ key }) => shownKey(key)))
    this.#status.tell(`Skipped ${filesText(hidden.length)}, because a name begins with a dot: ${names}.`)
    this.#status.tell('Programs may do what such files say. If you trust the sharer, --hidden gets them, too.')
  }

  #tellEach(what: string, refusals: readonly Refusal[]): void {
    for (const { key, reason } of refusals.slice(0, MAX_NAMES)) {
      this.#status.tell(`${what}: ${shownKey(key)}: ${cleanText(reason)}.`)
    }
    if (refusals.length > MAX_NAMES) this.#status.tell(`${what}: ${refusals.length - MAX_NAMES} more.`)
  }
}
