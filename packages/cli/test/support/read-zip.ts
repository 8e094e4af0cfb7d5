/** A file read from an archive. */
export interface ReadEntry {
  readonly path: string
  readonly content: Uint8Array
  readonly date: number
  readonly time: number
}

const END = 0x06054b50
const LOCATOR_BYTES = 20
const ENTRY_BYTES = 46
const HEADER_BYTES = 30

/** Reads an archive as programs do: from its end, by the directory. Stored files and ZIP64 only. */
export function readZip(bytes: Uint8Array): ReadEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = (at: number) => Number(view.getBigUint64(at, true))
  const endAt = bytes.byteLength - 22
  if (view.getUint32(endAt, true) !== END) throw new Error('no end of an archive')
  const record = long(endAt - LOCATOR_BYTES + 8)
  const [count, directory] = [long(record + 32), long(record + 48)]
  const entries: ReadEntry[] = []
  for (let at = directory; entries.length < count; ) {
    const [nameBytes, fieldBytes] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)]
    const field = at + ENTRY_BYTES + nameBytes
    const [size, offset] = [long(field + 4), long(field + 20)]
    const start = offset + HEADER_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    entries.push({
      path: new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, field)),
      content: bytes.subarray(start, start + size),
      time: view.getUint16(at + 12, true),
      date: view.getUint16(at + 14, true)
    })
    at = field + fieldBytes
  }
  return entries
}
