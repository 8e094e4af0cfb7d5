import type { Blob, Core, Entry } from '../share/packages.js'

/** Bytes of the files whose blocks are here already, from an earlier run. */
export async function presentBytes(blobs: Core, entries: readonly Entry[]): Promise<number> {
  let bytes = 0
  for (const { value } of entries) if (value.blob !== null) bytes += await presentOf(blobs, value.blob)
  return bytes
}

async function presentOf(blobs: Core, { blockLength, blockOffset, byteLength }: Blob): Promise<number> {
  if (blockLength === 0) return 0
  if (await blobs.has(blockOffset, blockOffset + blockLength)) return byteLength
  let blocks = 0
  // How many there are is said by a stranger; none of those after the end is here.
  const end = Math.min(blockOffset + blockLength, blobs.length)
  for (let i = blockOffset; i < end; i++) if (await blobs.has(i)) blocks++
  // All blocks of a file are of one size but for the last.
  return Math.floor((byteLength * blocks) / blockLength)
}
