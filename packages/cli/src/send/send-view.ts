import { basename } from 'node:path'
import { renderUnicodeCompact } from 'uqr'
import { filesText, leftOutLines, shownKey } from '../shared/files/file-texts.js'
import { formatBytes } from '../shared/terminal/format.js'
import { ProgressMeter } from '../shared/terminal/progress.js'
import { ProgressDisplay } from '../shared/terminal/progress-display.js'
import type { Status } from '../shared/terminal/status.js'
import { sizeOf } from './offer.js'
import type { TransferEnd, TransferListener } from './outgoing-transfer.js'
import type { SenderListener } from './sender.js'
import type { Source, SourceFile } from './source-files.js'

const ENDS: Readonly<Record<Exclude<TransferEnd, 'done'>, string>> = {
  declined: 'The receiver does not want the files.',
  left: 'The receiver left before it had everything.',
  inTheWay: 'The receiver has other files of these names, and took nothing.',
  noRoom: 'The disk of the receiver is too full for the files.',
  failed: 'The receiver cannot write the files; the reason is shown there.'
}

const AGAIN = 'The code still works: the receiver can run the same command again, and it resumes. Ctrl-C ends the code.'

/** How many files that were not sent are listed one by one. */
const MAX_NAMES = 20

interface Transfer {
  /** Number of files; null until the receiver has said it. */
  wanted: number | null
  /** Number of files. */
  changed: number
  /** Bytes that are still to be sent. */
  leftBytes: number
}

/** Shows the user how sending goes. */
export class SendView implements SenderListener {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #changed = new Set<SourceFile>()
  #display: ProgressDisplay | null = null
  #meter: ProgressMeter | null = null
  #active = 0
  #offered = 0
  receivers = 0

  constructor(status: Status, isQuiet: boolean) {
    this.#status = status
    this.#isQuiet = isQuiet
  }

  /** Files that were changed, were removed, or could not be read before they were sent. */
  get changed(): readonly SourceFile[] {
    return [...this.#changed]
  }

  source({ files, leftOut }: Source): void {
    this.#offered = files.length
    for (const { folder, ways } of leftOut) {
      for (const line of leftOutLines(ways, folder)) this.#status.say(`${basename(folder)}: ${line}`)
    }
    this.#status.say(`${filesText(files.length)}, ${formatBytes(sizeOf(files))}.`)
  }

  /** Shows the code as a picture, for a phone's camera; nothing if the terminal is too narrow for it. */
  picture(code: string, columns: number): void {
    const picture = renderUnicodeCompact(code, { border: 2 })
    if (!this.#isQuiet && picture.indexOf('\n') <= columns) this.#status.tell(picture)
  }

  onReceiver(): TransferListener & { onEnd(end: TransferEnd): void } {
    this.#status.say('A receiver connected.')
    const transfer: Transfer = { wanted: null, changed: 0, leftBytes: 0 }
    return {
      onBegin: (bytes, files) => {
        transfer.wanted = files
        transfer.leftBytes = bytes
        this.#begin(bytes)
      },
      onSent: (bytes) => {
        transfer.leftBytes -= bytes
        this.#meter?.add(bytes)
      },
      onChanged: (file) => {
        transfer.changed++
        this.#onChanged(file)
      },
      onEnd: (end) => this.#end(end, transfer)
    }
  }

  /** Removes the bar, so that the next message has a line of its own. */
  endProgress(): void {
    this.#display?.end()
    this.#display = null
    this.#meter = null
  }

  #begin(bytes: number): void {
    this.#active++
    if (this.#meter !== null) this.#meter.expect(bytes)
    else this.#meter = new ProgressMeter(bytes, 0)
    if (!this.#isQuiet) this.#display ??= new ProgressDisplay(this.#status, this.#meter)
  }

  #end(end: TransferEnd, transfer: Transfer): void {
    this.#meter?.expect(-transfer.leftBytes)
    if (transfer.wanted !== null && --this.#active === 0) this.endProgress()
    const more = this.#changed.size - MAX_NAMES
    if (more > 0) this.#status.tell(`Not sent for one of these reasons: ${more} more.`)
    if (end === 'done') this.receivers++
    this.#status.say(end === 'done' ? this.#doneText(transfer) : `${ENDS[end]} ${AGAIN}`)
  }

  #doneText({ changed, wanted }: Transfer): string {
    if (changed > 0 && changed === wanted) return 'The receiver has received nothing.'
    if (wanted === this.#offered) return changed > 0 ? 'The receiver has the rest.' : 'The receiver has everything.'
    const count = `${wanted} of ${filesText(this.#offered)}`
    return `Done: the receiver asked for ${count}. It has the others already, or skipped them.`
  }

  #onChanged(file: SourceFile): void {
    if (this.#changed.has(file)) return
    this.#changed.add(file)
    if (this.#changed.size > MAX_NAMES) return
    this.#status.tell(`Not sent, because it was changed, was removed, or cannot be read: ${shownKey(file.key)}.`)
  }
}
