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

/** How many of these, which are sorted by their start, begin at or before a block. */
export function countUpTo(sorted: readonly { readonly start: number }[], index: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle]?.start ?? 0) <= index) low = middle + 1
    else high = middle
  }
  return low
}
