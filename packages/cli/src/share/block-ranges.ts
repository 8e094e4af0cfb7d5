import type { BlockRange, Entry } from './packages.js'

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
