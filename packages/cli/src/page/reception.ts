import { bytesToHex } from '@noble/hashes/utils.js'
import type { ReceiveListener } from '../receive/incoming-transfer.js'
import { FileReceiver } from '../receive/receiver.js'
import { type OfferedFile, sizeOf } from '../send/offer.js'
import { ProgressMeter } from '../shared/terminal/progress.js'
import { BrowserTarget } from './browser-target.js'
import { type Kept, readKept, writeKept } from './kept.js'
import { Link } from './link.js'
import { codeMeeting } from './meeting.js'
import { removeUnfinished } from './parts/leftovers.js'
import { askToPersist, openParts, roomBytes } from './parts/open-parts.js'
import type { PartStore } from './parts/part-store.js'
import { failureOf, noRoom, PROBLEMS, type Problem, ProblemError, problemOf, tooLargeForMemory } from './problem.js'
import { type Receivable, receivable } from './receivable.js'

/** More in memory ends many a tab on a phone. */
const MEMORY_LIMIT_BYTES = 500_000_000

/** Where a reception is. */
export type Stage =
  | { readonly name: 'preparing' }
  | { readonly name: 'seeking'; readonly isBusy: boolean }
  | { readonly name: 'offered'; readonly offer: Receivable; decide(isWanted: boolean): void }
  | { readonly name: 'receiving'; readonly meter: ProgressMeter; readonly isLost: boolean }
  | { readonly name: 'done'; readonly kept: Kept }
  | { readonly name: 'ended'; readonly problem: Problem }

/** What a reception needs to know. */
export interface ReceptionOptions {
  /** A whole code. */
  readonly code: string
  readonly proxyUrl: string
  /** For a server that wants one. */
  readonly token: string | undefined
  /** The stage or the link is another one. */
  onChange(): void
}

/** Receives what the sender of a code offers, into this browser. */
export class Reception {
  stage: Stage = { name: 'preparing' }
  link: Link | null = null
  /** Whether what has arrived survives a reload. */
  isLasting = true
  readonly #options: ReceptionOptions
  readonly #changed: string[] = []
  #parts: PartStore | null = null
  #accepted: string | null = null
  #targets: readonly BrowserTarget[] = []
  #skipped: readonly string[] = []
  #here: BrowserTarget[] = []
  #kept: Kept | null = null
  #receiver: FileReceiver<BrowserTarget> | null = null
  #isOver = false

  constructor(options: ReceptionOptions) {
    this.#options = options
    this.#run().catch((error) => this.#end(problemOf(error)))
  }

  /** Keeps what has arrived. */
  async stop(): Promise<void> {
    await this.#close()
    this.#parts?.release()
  }

  /** Removes what has arrived. */
  async forget(): Promise<void> {
    await this.#close()
    await this.#parts?.clear()
    this.#parts?.release()
  }

  async #close(): Promise<void> {
    this.#isOver = true
    await this.#receiver?.stop()
    await this.link?.end()
  }

  async #run(): Promise<void> {
    const meeting = await codeMeeting(this.#options.code)
    if (this.#isOver) return
    const parts = await openParts(bytesToHex(meeting.topic).slice(0, 32))
    if (parts === null) return this.#end(PROBLEMS.otherTab)
    if (this.#isOver) return parts.release()
    this.#parts = parts
    this.isLasting = parts.isLasting
    const kept = await readKept(parts)
    if (this.#isOver) return
    if (kept !== null) return this.#set({ name: 'done', kept })
    const { onChange, proxyUrl, token } = this.#options
    this.link = new Link(proxyUrl, token, meeting, onChange)
    await this.#receive(parts, this.link)
  }

  async #receive(parts: PartStore, link: Link): Promise<void> {
    const receiver = new FileReceiver({ ...this.#listener(parts), onLost: () => this.#onLost() })
    this.#receiver = receiver
    link.swarm.on('connection', (connection) => receiver.add(connection))
    this.#set({ name: 'seeking', isBusy: false })
    const isAccepted = await receiver.done
    if (this.#isOver) return
    if (!isAccepted) await this.#end(PROBLEMS.declined)
    else if (this.#kept === null) await this.#end(PROBLEMS.changed)
    else await this.#finish(this.#kept)
  }

  #listener(parts: PartStore): ReceiveListener<BrowserTarget> {
    return {
      onOffer: (offer) => this.#onOffer(offer, parts),
      onBusy: () => this.#set({ name: 'seeking', isBusy: true }),
      onBegin: (presentBytes) => {
        const total = sizeOf(this.#targets.map(({ offered }) => offered))
        this.#set({ name: 'receiving', meter: new ProgressMeter(total, presentBytes), isLost: false })
      },
      onWritten: (bytes) => this.stage.name === 'receiving' && this.stage.meter.add(bytes),
      onFile: (target) => void this.#here.push(target),
      onChanged: ({ offered }) => void this.#changed.push(offered.key.slice(1)),
      onComplete: () => this.#keep(parts),
      failureOf
    }
  }

  /** A sender that comes back with the same offer is not asked about again. */
  async #onOffer(offer: readonly OfferedFile[], parts: PartStore): Promise<readonly BrowserTarget[] | null> {
    const sorted = receivable(offer)
    const text = JSON.stringify(offer)
    if (sorted.wanted.length === 0) throw new ProblemError(PROBLEMS.nothing)
    if (text !== this.#accepted && !(await this.#isWanted(sorted))) return null
    this.#accepted = text
    // Some browsers ask the user, and nothing waits for that.
    if (parts.isLasting) void askToPersist().catch(() => {})
    this.#here = []
    this.#changed.length = 0
    this.#skipped = sorted.skipped.map(({ key }) => key.replace(/^\//, ''))
    this.#targets = sorted.wanted.map(({ index, offered }) => new BrowserTarget(index, offered, parts))
    await this.#assertRoom(sizeOf(sorted.wanted.map(({ offered }) => offered)))
    await parts.writeCode(this.#options.code)
    return this.#targets
  }

  #isWanted(offer: Receivable): Promise<boolean> {
    return new Promise((decide) => this.#set({ name: 'offered', offer, decide }))
  }

  async #assertRoom(totalBytes: number): Promise<void> {
    if (!this.isLasting) {
      if (totalBytes <= MEMORY_LIMIT_BYTES) return
      throw new ProblemError(tooLargeForMemory(totalBytes, MEMORY_LIMIT_BYTES), 'noRoom')
    }
    const present = await Promise.all(this.#targets.map(async (target) => (await target.content()).size))
    const needed = totalBytes - present.reduce((sum, bytes) => sum + bytes, 0)
    let room = await roomBytes()
    if (needed > room) {
      await removeUnfinished()
      room = await roomBytes()
    }
    if (needed > room) throw new ProblemError(noRoom(needed, room), 'noRoom')
  }

  #onLost(): void {
    if (this.#isOver) return
    const { stage } = this
    this.#set(stage.name === 'receiving' ? { ...stage, isLost: true } : { name: 'seeking', isBusy: false })
  }

  /** The code is used up when the sender knows, so a page that ends at that moment must find the files again. */
  async #keep(parts: PartStore): Promise<void> {
    if (this.#here.length === 0) return
    this.#kept = await writeKept(parts, this.#here, { changed: this.#changed, skipped: this.#skipped })
  }

  async #finish(kept: Kept): Promise<void> {
    this.#set({ name: 'done', kept })
    await this.#close()
  }

  async #end(problem: Problem): Promise<void> {
    if (this.#isOver) return
    this.#set({ name: 'ended', problem })
    await this.#close()
  }

  #set(stage: Stage): void {
    if (this.#isOver) return
    this.stage = stage
    this.#options.onChange()
  }
}
