import b4a from 'b4a'

/** Longer chunks are written as they are. */
const ZEROS = b4a.alloc(256 * 1024)
/** File systems have no smaller holes. */
const MIN_BYTES = 4096

/**
 * Whether a chunk need not be written behind the end of a file, because a hole reads the same: so a disk image that is mostly
 * empty takes no more room than at its origin. The file must get its length at the end.
 */
export function isHole(chunk: Uint8Array): boolean {
  const { byteLength } = chunk
  return byteLength >= MIN_BYTES && byteLength <= ZEROS.byteLength && b4a.equals(chunk, ZEROS.subarray(0, byteLength))
}
