import { MemoryParts } from './memory-parts.js'
import { lock, OpfsParts, openFolder } from './opfs-parts.js'
import type { PartStore } from './part-store.js'

/**
 * The store for what comes with one code, which only this tab uses; null if another tab has it. In memory where the browser
 * has no better place.
 */
export async function openParts(id: string): Promise<PartStore | null> {
  const root = await openFolder()
  if (root === null) return new MemoryParts()
  const release = await lock(id)
  return release && new OpfsParts(await root.getDirectoryHandle(id, { create: true }), release)
}

/** Bytes that the browser lets this page store. */
export async function roomBytes(): Promise<number> {
  const { quota = Number.POSITIVE_INFINITY, usage = 0 } = (await navigator.storage?.estimate()) ?? {}
  return quota - usage
}

/** Asks the browser not to remove what is stored when the device runs short of room. It may refuse. */
export async function askToPersist(): Promise<void> {
  await navigator.storage?.persist?.()
}
