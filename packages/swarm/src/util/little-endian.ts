/** Numbers in messages, little-endian. */

const UINT32_SPAN = 0x100000000

/** A view of the same memory. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Reads 8 bytes. Above 2^53 the result is rounded. */
export function readUint64(bytes: Uint8Array, at: number): number {
  const view = viewOf(bytes)
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * UINT32_SPAN
}

/** Writes 8 bytes. */
export function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  const view = viewOf(bytes)
  view.setUint32(at, value % UINT32_SPAN, true)
  view.setUint32(at + 4, Math.floor(value / UINT32_SPAN), true)
}
