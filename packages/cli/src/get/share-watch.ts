import type { Core, Entry, Hyperdrive } from '../share/packages.js'
import { contentIdOf } from './download-plan.js'

/** The sharer has published another version of a file that was to be written: a new plan is needed. */
export class ShareChanged extends Error {
  /** The file's name in the share. */
  readonly key: string

  constructor(key: string) {
    super(`${key} was changed by the sharer`)
    this.name = 'ShareChanged'
    this.key = key
  }
}

/** What a watch is for. */
export interface WatchOptions {
  readonly signal: AbortSignal
  /** The version of the drive that is downloaded. */
  readonly version: number
}

/** Ends a download's requests when it is interrupted, or when the sharer no longer has the file that is being fetched. */
export class ShareWatch {
  /** Requests of this session end with the watch. */
  readonly session: Core
  readonly #drive: Hyperdrive
  readonly #signal: AbortSignal
  #version: number
  #entry: Entry | null = null
  #reason: Error | null = null
  readonly #onAbort = () => this.#stop(asError(this.#signal.reason))
  readonly #onAppend = () => void this.#check().catch(() => {})

  constructor(drive: Hyperdrive, session: Core, { signal, version }: WatchOptions) {
    this.#drive = drive
    this.session = session
    this.#signal = signal
    this.#version = version
    signal.addEventListener('abort', this.#onAbort, { once: true })
    drive.core.on('append', this.#onAppend)
  }

  /** Why the requests were ended; null if they were not. */
  get reason(): Error | null {
    return this.#reason
  }

  /** A file is fetched next. Throws if the sharer has changed it, or when the signal has fired. */
  async assertCurrent(entry: Entry): Promise<void> {
    this.#signal.throwIfAborted()
    this.#entry = entry
    if (this.#drive.version !== this.#version) await this.#check()
    if (this.#reason !== null) throw this.#reason
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#drive.core.off('append', this.#onAppend)
    await this.session.close()
  }

  async #check(): Promise<void> {
    const entry = this.#entry
    if (entry === null) return
    const current = await this.#drive.entry(entry.key)
    if (entry !== this.#entry) return
    const isSame = current !== null && contentIdOf(current, this.session) === contentIdOf(entry, this.session)
    if (!isSame) this.#stop(new ShareChanged(entry.key))
  }

  #stop(reason: Error): void {
    this.#reason ??= reason
    this.session.close().catch(() => {})
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
