import { MemoryParts } from './memory-parts.js'
import { OpfsParts } from './opfs-parts.js'
import type { PartStore } from './part-store.js'

/** All folders of this page are in it. */
const FOLDER = 'swarmway-receive'
/** Milliseconds: a page that is reloaded may hold its lock for a moment more. */
const LOCK_TIMEOUT_MS = 3000

/**
 * The store for what comes with one code, which only this tab uses; null if another tab has it. Removes what earlier codes
 * have left, unless a tab is at it. In memory where the browser has no better place.
 */
export async function openParts(id: string): Promise<PartStore | null> {
  const root = await openFolder()
  if (root === null) return new MemoryParts()
  const release = await lock(id)
  if (release === null) return null
  void removeOthers(root, id).catch(() => {})
  return new OpfsParts(await root.getDirectoryHandle(id, { create: true }), release)
}

/** Bytes that the browser lets this page store. */
export async function roomBytes(): Promise<number> {
  const { quota = Number.POSITIVE_INFINITY, usage = 0 } = (await navigator.storage?.estimate()) ?? {}
  return quota - usage
}

/** Null without such a file system: in private windows, on plain http, in older browsers. */
async function openFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype) || navigator.locks === undefined) return null
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(FOLDER, { create: true })
  } catch {
    return null
  }
}

/** Takes the lock of a folder. Resolves to what gives it back, or null if another tab has it. */
function lock(id: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const options = { signal: AbortSignal.timeout(LOCK_TIMEOUT_MS) }
    const held = navigator.locks.request(`${FOLDER}-${id}`, options, () => new Promise<void>(resolve))
    held.catch(() => resolve(null))
  })
}

async function removeOthers(root: FileSystemDirectoryHandle, id: string): Promise<void> {
  for await (const name of root.keys()) {
    if (name === id) continue
    await navigator.locks.request(`${FOLDER}-${name}`, { ifAvailable: true }, async (granted) => {
      if (granted !== null) await root.removeEntry(name, { recursive: true })
    })
  }
}
