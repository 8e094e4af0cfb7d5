import type { BlockRange, Core, Entry } from './packages.js'

/**
 * Fetches the blocks of all files, in order, before they are written; the returned function stops it.
 *
 * mirror-drive can do that too (`preload`), but 1.14 then drops its bound on requests in flight.
 */
export function prefetch(core: Core, entries: readonly Entry[]): () => void {
  const downloads = blockRanges(entries).map((range) => core.download({ ...range, linear: true }))
  return () => {
    for (const download of downloads) download.destroy()
  }
}

/** The blocks of these files; adjacent files share one range. */
export function blockRanges(entries: readonly Entry[]): BlockRange[] {
  const ranges: BlockRange[] = []
  const blobs = entries.flatMap(({ value: { blob } }) => (blob === null || blob.blockLength === 0 ? [] : [blob]))
  for (const { blockLength, blockOffset } of blobs.sort((a, b) => a.blockOffset - b.blockOffset)) {
    const last = ranges.at(-1)
    const end = blockOffset + blockLength
    if (last !== undefined && blockOffset <= last.end) last.end = Math.max(last.end, end)
    else ranges.push({ start: blockOffset, end })
  }
  return ranges
}
