import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { filesText, namesText, shownKey } from '../shared/files/file-texts.js'
import { HIDDEN, type Refusal, refusalJson } from '../shared/files/refusal.js'
import { sayIfLate } from '../shared/network/waiting.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import { formatBytes } from '../shared/terminal/format.js'
import type { ProgressMeter } from '../shared/terminal/progress.js'
import { ProgressDisplay } from '../shared/terminal/progress-display.js'
import type { Status } from '../shared/terminal/status.js'
import type { DownloadListener } from './download.js'
import { type DownloadPlan, isForeign } from './download-plan.js'

/** How many refused names are listed one by one, as a sharer can make up any number of them. */
const MAX_NAMES = 20

/** Shows a download to the user. */
export class GetView implements DownloadListener {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #signal: AbortSignal
  #isAlone = false
  #isDone = false
  /** Whether fetching has begun. */
  hasBegun = false

  /** The progress bar is removed when `signal` fires, so that the next message has a line of its own. */
  constructor(status: Status, { isQuiet, signal }: { isQuiet: boolean; signal: AbortSignal }) {
    this.#status = status
    this.#isQuiet = isQuiet
    this.#signal = signal
  }

  /** Settles as `search` does. */
  async looking(search: Promise<void>): Promise<void> {
    this.#status.say('Looking for somebody who shares it.')
    const text = 'Nobody yet. Check the key; "swarmway share" must still be running there.'
    await sayIfLate(search, text, this.#status, this.#signal)
  }

  /** Nobody is connected who could send the rest. */
  onAlone(): void {
    if (!this.hasBegun || this.#isDone || this.#isAlone || this.#signal.aborted) return
    this.#isAlone = true
    this.#status.say('Nobody who shares it is connected now; waiting. If you stop it, the next run resumes.')
  }

  onConnected(): void {
    if (this.#isAlone) this.#status.say('Somebody who shares it is back.')
    this.#isAlone = false
  }

  changed(): void {
    this.#status.say('The sharer has changed files; looking at them again.')
  }

  /** Throws a `CliError` that lists the obstacles if any file cannot be written. */
  assertNoneRefused({ refused }: DownloadPlan, folder: string): void {
    if (refused.length === 0) return
    this.#tellEach('Not written', refused)
    const hint = refused.some(isForeign)
      ? 'Replace files with --overwrite, move them away, or use another folder; --list shows them all.'
      : 'Move away what is in the way, or use another folder.'
    const count = `${filesText(refused.length)} cannot be written to ${folder} without removing what is there`
    const message = `${count}, so nothing was downloaded.`
    throw new CliError(message, { hint, exitCode: EXIT.unusable, details: { refused: refused.map(refusalJson) } })
  }

  onBegin({ kept, write }: DownloadPlan, meter: ProgressMeter, presentBytes: number): () => void {
    this.hasBegun = true
    const here = presentBytes > 0 ? `; ${formatBytes(presentBytes)} are here already` : ''
    const needed = write.length > 0 ? ` Needs ${formatBytes(meter.totalBytes - presentBytes)} on the disk.` : ''
    this.#status.say(`${filesText(write.length + kept.length)}, ${formatBytes(meter.totalBytes)}${here}.${needed}`)
    if (this.#isQuiet) return () => {}
    const display = new ProgressDisplay(this.#status, meter)
    const end = () => display.end()
    this.#signal.addEventListener('abort', end, { once: true })
    return end
  }

  done({ kept, skipped, write }: DownloadPlan, folder: string, fetchedBytes: number): void {
    this.#isDone = true
    this.#tellHidden(skipped.filter(({ reason }) => reason === HIDDEN))
    const others = skipped.filter(({ reason }) => reason !== HIDDEN)
    this.#tellEach('Skipped', others)
    const programs = write.filter(({ entry }) => entry.value.executable).map(({ entry }) => shownKey(entry.key))
    if (programs.length > 0) this.#status.say(`Executable at the sharer, but not here: ${namesText(programs)}.`)
    const overwritten = write.filter((file) => file.isForeign).length
    const replaced = overwritten > 0 ? `, ${overwritten} of them overwritten` : ''
    const fetched = `${write.length} new or changed${replaced}; ${formatBytes(fetchedBytes)} fetched`
    this.#status.say(`Done: ${filesText(write.length + kept.length)} in ${folder}, ${fetched}.`)
  }

  #tellHidden(hidden: readonly Refusal[]): void {
    if (hidden.length === 0) return
    const names = namesText(hidden.map(({ key }) => shownKey(key)))
    this.#status.tell(`Skipped, because the name begins with a dot (${hidden.length}): ${names}.`)
    this.#status.tell('Programs may obey such files. If you trust the sharer, get them with --hidden.')
  }

  #tellEach(what: string, refusals: readonly Refusal[]): void {
    for (const { key, reason } of refusals.slice(0, MAX_NAMES)) {
      this.#status.tell(`${what}: ${shownKey(key)}: ${cleanText(reason)}.`)
    }
    if (refusals.length > MAX_NAMES) this.#status.tell(`${what}: ${refusals.length - MAX_NAMES} more.`)
  }
}
