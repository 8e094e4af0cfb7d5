/**
 * ZIP archives whose files are stored as they are. Such an archive is a Blob that refers to the Blobs of the files: it
 * takes neither memory nor a second copy. Libraries such as client-zip make streams instead: to become a download,
 * each of these is copied to a Blob first, of gigabytes on a phone. Layouts are those of PKWARE's
 * note 6.3.10 on the format, sections 4.3.7 to 4.3.16 and 4.5.3; those of ZIP64 are used throughout, as every current program reads
 * them.
 */

/** A file of an archive. */
export interface ZipEntry {
  /** With slashes, none at the beginning. */
  readonly path: string
  readonly content: Blob
  /** CRC-32 of the content. */
  readonly crc: number
  readonly modifiedMs: number
}

/** ZIP64. */
const VERSION = 45
/** Names are UTF-8. */
const UTF8_FLAG = 0x0800
const STORED = 0
const ZIP64_FIELD = 0x0001
/** Stands in place of a number that is in the ZIP64 field. */
const IN_FIELD_32 = 0xffffffff
const IN_FIELD_16 = 0xffff

/** Writes numbers of so many bytes each, little endian. */
function numbers(...given: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(given.reduce((sum, [size]) => sum + size, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [size, value] of given) {
    if (size === 2) view.setUint16(at, value, true)
    else if (size === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    at += size
  }
  return bytes
}

/** The archive of these files. */
export function zipOf(entries: readonly ZipEntry[]): Blob {
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.path)
    const header = localHeader(entry, name)
    directory.push(directoryRecord(entry, name), name, directoryField(entry, offset))
    parts.push(header, name, sizesField(entry), entry.content)
    offset += header.byteLength + name.byteLength + FIELD_BYTES + entry.content.size
  }
  const directoryBytes = new Blob(directory).size
  return new Blob([...parts, ...directory, ending(entries.length, directoryBytes, offset)], { type: 'application/zip' })
}

/** Type, length and two sizes. */
const FIELD_BYTES = 20

function common({ crc, modifiedMs }: ZipEntry, name: Uint8Array, fieldBytes: number) {
  const { date, time } = dosTime(modifiedMs)
  const head = [
    [2, VERSION],
    [2, UTF8_FLAG],
    [2, STORED],
    [2, time],
    [2, date],
    [4, crc]
  ] as const
  return [...head, [4, IN_FIELD_32], [4, IN_FIELD_32], [2, name.byteLength], [2, fieldBytes]] as const
}

function localHeader(entry: ZipEntry, name: Uint8Array) {
  return numbers([4, 0x04034b50], ...common(entry, name, FIELD_BYTES))
}

function sizesField({ content: { size } }: ZipEntry) {
  return numbers([2, ZIP64_FIELD], [2, FIELD_BYTES - 4], [8, size], [8, size])
}

function directoryRecord(entry: ZipEntry, name: Uint8Array) {
  const tail = [
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, IN_FIELD_32]
  ] as const
  return numbers([4, 0x02014b50], [2, VERSION], ...common(entry, name, FIELD_BYTES + 8), ...tail)
}

function directoryField({ content: { size } }: ZipEntry, offset: number) {
  return numbers([2, ZIP64_FIELD], [2, FIELD_BYTES + 4], [8, size], [8, size], [8, offset])
}

function ending(count: number, directoryBytes: number, offset: number) {
  const recordBytes = 44
  const all = [
    [8, count],
    [8, count],
    [8, directoryBytes],
    [8, offset]
  ] as const
  return numbers(
    ...([[4, 0x06064b50], [8, recordBytes], [2, VERSION], [2, VERSION], [4, 0], [4, 0], ...all] as const),
    ...([
      [4, 0x07064b50],
      [4, 0],
      [8, offset + directoryBytes],
      [4, 1]
    ] as const),
    ...([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, IN_FIELD_16],
      [2, IN_FIELD_16]
    ] as const),
    ...([
      [4, IN_FIELD_32],
      [4, IN_FIELD_32],
      [2, 0]
    ] as const)
  )
}

/** Local time in steps of two seconds, from 1980 on. */
function dosTime(ms: number): { date: number; time: number } {
  const at = new Date(ms)
  const year = at.getFullYear()
  if (!(year >= 1980 && year < 2108)) return { date: (1 << 5) | 1, time: 0 }
  const date = ((year - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()
  return { date, time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1) }
}
