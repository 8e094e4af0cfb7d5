import { notedCount } from '../kept.js'
import { ifFree, OpfsParts, openFolder } from './opfs-parts.js'

/** What came with a code and is still in this browser. */
export interface Leftover {
  /** Null if the page ended before it was noted. */
  readonly code: string | null
  readonly fileCount: number
  /** Whether everything is here that could come. */
  readonly isWhole: boolean
  remove(): Promise<void>
}

/** What came with any code, apart from what another tab uses. */
export async function leftovers(): Promise<Leftover[]> {
  const found: Leftover[] = []
  await eachFree(async (parts, remove) => {
    const note = await parts.readNote()
    const fileCount = note === null ? await parts.countFiles() : notedCount(note)
    if (fileCount > 0) found.push({ code: await parts.readCode(), fileCount, isWhole: note !== null, remove })
    // Somebody mistyped a code, or declined.
    else await remove()
  })
  return found
}

/** Removes what was not finished, to make room. */
export async function removeUnfinished(): Promise<void> {
  await eachFree(async (parts, remove) => {
    if ((await parts.readNote()) === null) await remove()
  })
}

/** Runs a task for the folder of each code that no tab uses. */
async function eachFree(task: (parts: OpfsParts, remove: () => Promise<void>) => Promise<void>): Promise<void> {
  const root = await openFolder()
  if (root === null) return
  const names: string[] = []
  for await (const name of root.keys()) names.push(name)
  for (const name of names) {
    await ifFree(name, async () => {
      const parts = new OpfsParts(await root.getDirectoryHandle(name), () => {})
      await task(parts, () => root.removeEntry(name, { recursive: true }))
    })
  }
}
