import { watch } from 'node:fs/promises'

/** Milliseconds without a change until it is published: a program that writes a file makes many. */
const QUIET_MS = 500

/** Calls `publish` after each change in a folder, one call at a time, until the signal fires. */
export async function followFolder(folder: string, signal: AbortSignal, publish: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let work = Promise.resolve()
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const onQuiet = () => {
    work = work.then(publish)
    work.catch(fail)
  }
  const follow = async () => {
    for await (const _ of watch(folder, { recursive: true, signal })) {
      clearTimeout(timer)
      timer = setTimeout(onQuiet, QUIET_MS)
    }
  }
  try {
    await Promise.race([follow(), failed])
  } finally {
    clearTimeout(timer)
    await work.catch(() => {})
  }
}
