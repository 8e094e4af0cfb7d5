import type { Blob, Core, Entry } from '../share/packages.js'

/** Number of bytes in the files whose blocks are already here from an earlier run. */
export async function presentBytes(blobs: Core, entries: readonly Entry[]): Promise<number> {
  let bytes = 0
  for (const { value } of entries) if (value.blob !== null) bytes += await presentOf(blobs, value.blob)
  return bytes
}

async function presentOf(blobs: Core, { blockLength, blockOffset, byteLength }: Blob): Promise<number> {
  if (blockLength === 0) return 0
  if (await blobs.has(blockOffset, blockOffset + blockLength)) return byteLength
  let blocks = 0
  // The count comes from a stranger; blocks after the end are never here.
  const end = Math.min(blockOffset + blockLength, blobs.length)
  for (let i = blockOffset; i < end; i++) if (await blobs.has(i)) blocks++
  // All blocks of a file have the same size, except the last.
  return Math.floor((byteLength * blocks) / blockLength)
}
