import { aborted } from '../shared/command/interrupt.js'
import { FolderWatches } from './folder-watches.js'

/** Milliseconds without a change until it is published: a program that writes a file makes many. */
const QUIET_MS = 500
/** Changes are published after this time even if others follow all the while, as in a log. */
const MAX_WAIT_MS = 5000

/**
 * Calls `publish` soon, and after each change in a folder, one call at a time. Rejects with the signal's reason when it fires,
 * or with what `publish` throws.
 */
export async function followFolder(folder: string, signal: AbortSignal, publish: () => Promise<void>): Promise<never> {
  let isQueued = false
  let work = Promise.resolve()
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const quiet = new Quiet(queue)
  const watches = new FolderWatches(folder, () => quiet.onChange())
  /** Changes during a call bring one more, however many they are. */
  function queue(): void {
    if (isQueued) return
    isQueued = true
    work = work.then(publishNow).then(watchMore)
    work.catch(fail)
  }
  async function publishNow(): Promise<void> {
    isQueued = false
    if (!signal.aborted) await publish()
  }
  function watchMore(): void {
    if (!signal.aborted && watches.update()) quiet.onChange()
  }
  try {
    watchMore()
    return await Promise.race([aborted(signal), failed])
  } finally {
    // First, or a change during the last call would bring another one after the end.
    watches.close()
    quiet.cancel()
    await work.catch(() => {})
  }
}

/** Calls back when there has been no change for a while, or when changes have not ended for long. */
class Quiet {
  readonly #onQuiet: () => void
  #timer: NodeJS.Timeout | undefined
  #firstChangeMs: number | undefined

  constructor(onQuiet: () => void) {
    this.#onQuiet = onQuiet
  }

  onChange(): void {
    this.#firstChangeMs ??= performance.now()
    const leftMs = Math.max(0, MAX_WAIT_MS - (performance.now() - this.#firstChangeMs))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#call(), Math.min(QUIET_MS, leftMs))
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }

  #call(): void {
    this.#firstChangeMs = undefined
    this.#onQuiet()
  }
}
