import { createHash } from 'node:crypto'

/** Identifies a content. */
export interface Digest {
  readonly bytes: number
  /** In hex. */
  readonly sha256: string
}

/** The digest of all chunks together. `onChunk` receives each chunk; the next is read when it has resolved. */
export async function digestOf(
  chunks: AsyncIterable<Uint8Array>,
  onChunk?: (chunk: Uint8Array) => Promise<unknown>
): Promise<Digest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    bytes += chunk.byteLength
    await onChunk?.(chunk)
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Whether two contents are equal. */
export function isSameDigest(a: Digest, b: Digest): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256
}
