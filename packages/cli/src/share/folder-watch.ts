import { statSync } from 'node:fs'
import { watch } from 'node:fs/promises'

/** Milliseconds without a change until it is published: a program that writes a file makes many. */
const QUIET_MS = 500

/** Calls `publish` soon, and after each change in a folder, one call at a time, until the signal fires. */
export async function followFolder(folder: string, signal: AbortSignal, publish: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let work = Promise.resolve()
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const publishSoon = (then: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      work = work.then(publish).then(then)
      work.catch(fail)
    }, QUIET_MS)
  }
  try {
    await Promise.race([follow(folder, signal, publishSoon), failed])
  } finally {
    clearTimeout(timer)
    await work.catch(() => {})
  }
}

/**
 * Reports changes until the signal fires. A folder that was removed and made again, as by a build, is another one: the system
 * reports nothing more about it, so it is watched again.
 */
async function follow(folder: string, signal: AbortSignal, onChange: (then: () => void) => void): Promise<void> {
  for (;;) {
    const id = idOf(folder)
    const replaced = new AbortController()
    const look = () => {
      if (idOf(folder) !== id) replaced.abort()
    }
    const changes = watch(folder, { recursive: true, signal: AbortSignal.any([signal, replaced.signal]) })
    // What was changed before: while the files were read, or between two watches.
    onChange(look)
    try {
      for await (const _ of changes) onChange(look)
    } catch (error) {
      if (!replaced.signal.aborted || signal.aborted) throw error
    }
  }
}

/** A new folder may get the number of the one that was just removed. */
function idOf(folder: string): string {
  const { birthtimeMs, ino } = statSync(folder, { throwIfNoEntry: false }) ?? {}
  return `${ino} ${birthtimeMs}`
}
