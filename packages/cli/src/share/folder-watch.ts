import { aborted } from '../shared/command/interrupt.js'
import { FolderWatches } from './folder-watches.js'

/** Milliseconds without a change until it is published: a program that writes a file makes many. */
const QUIET_MS = 500

/**
 * Calls `publish` soon, and after each change in a folder, one call at a time. Rejects with the signal's reason when it fires,
 * or with what `publish` throws.
 */
export async function followFolder(folder: string, signal: AbortSignal, publish: () => Promise<void>): Promise<never> {
  let timer: NodeJS.Timeout | undefined
  let work = Promise.resolve()
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const watches = new FolderWatches(folder, publishSoon)
  function publishSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      work = work.then(publish).then(watchMore)
      work.catch(fail)
    }, QUIET_MS)
  }
  function watchMore(): void {
    if (!signal.aborted && watches.update()) publishSoon()
  }
  try {
    watchMore()
    return await Promise.race([aborted(signal), failed])
  } finally {
    // First, or a change during the last call would bring another one after the end.
    watches.close()
    clearTimeout(timer)
    await work.catch(() => {})
  }
}
