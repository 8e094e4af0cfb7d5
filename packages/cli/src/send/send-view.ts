import { basename } from 'node:path'
import { renderUnicodeCompact } from 'uqr'
import { filesText, leftOutLines, shownKey } from '../share/share-view.js'
import { formatBytes } from '../shared/format.js'
import { ProgressMeter } from '../shared/progress.js'
import { ProgressDisplay } from '../shared/progress-display.js'
import type { Status } from '../shared/status.js'
import { sizeOf } from './offer.js'
import type { TransferEnd, TransferListener } from './outgoing-transfer.js'
import type { SenderListener } from './sender.js'
import type { Source, SourceFile } from './source-files.js'

const ENDS: Readonly<Record<TransferEnd, string>> = {
  done: 'The receiver has everything.',
  declined: 'The receiver does not want the files.',
  left: 'The receiver left before it had everything. It can run the same command again to resume.'
}

/** Shows the user how sending goes. */
export class SendView implements SenderListener {
  readonly #status: Status
  readonly #isQuiet: boolean
  readonly #changed = new Set<SourceFile>()
  #display: ProgressDisplay | null = null
  #meter: ProgressMeter | null = null
  #active = 0
  receivers = 0

  constructor(status: Status, isQuiet: boolean) {
    this.#status = status
    this.#isQuiet = isQuiet
  }

  /** Files that were changed or removed before they were sent. */
  get changed(): readonly SourceFile[] {
    return [...this.#changed]
  }

  source({ files, leftOut }: Source): void {
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

  onReceiver(): TransferListener {
    this.#status.say('A receiver connected.')
    return {
      onBegin: (bytes) => this.#begin(bytes),
      onSent: (bytes) => this.#meter?.add(bytes),
      onChanged: (file) => this.#onChanged(file)
    }
  }

  onEnd(end: TransferEnd): void {
    if (this.#active > 0 && --this.#active === 0) this.endProgress()
    if (end === 'done') this.receivers++
    this.#status.say(ENDS[end])
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
    if (!this.#isQuiet) this.#display ??= new ProgressDisplay(process.stderr, this.#meter)
  }

  #onChanged(file: SourceFile): void {
    this.#changed.add(file)
    this.#status.tell(`Not sent, because it was changed or removed: ${shownKey(file.key)}.`)
  }
}
