/**
 * Joins chunks that lie one after the other in memory, without copying them: UDX writes the packets of a stream into one
 * buffer, then into the next. Copying them cost a server CPU time: V8 counts
 * each new buffer, and begins to collect garbage sooner.
 */
export function joinAdjacent(chunks: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  for (let begin = 0; begin < chunks.length; ) {
    const end = endOfRun(chunks, begin)
    joined.push(asOne(chunks, begin, end))
    begin = end
  }
  return joined
}

/** Index after the last chunk that continues the one at `begin`. */
function endOfRun(chunks: readonly Uint8Array[], begin: number): number {
  let end = begin + 1
  while (end < chunks.length && continues(chunks[end - 1], chunks[end])) end++
  return end
}

function continues(one: Uint8Array | undefined, next: Uint8Array | undefined): boolean {
  return one?.buffer === next?.buffer && one !== undefined && one.byteOffset + one.byteLength === next?.byteOffset
}

function asOne(chunks: readonly Uint8Array[], begin: number, end: number): Uint8Array {
  const [first, last] = [chunks[begin] as Uint8Array, chunks[end - 1] as Uint8Array]
  if (first === last) return first
  return new Uint8Array(first.buffer, first.byteOffset, last.byteOffset + last.byteLength - first.byteOffset)
}
