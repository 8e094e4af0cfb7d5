/** The most bytes that the platform returns at once. */
const MAX_BYTES = 65_536

/** Random bytes, in Node and in browsers. */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  for (let at = 0; at < count; at += MAX_BYTES) crypto.getRandomValues(bytes.subarray(at, at + MAX_BYTES))
  return bytes
}
