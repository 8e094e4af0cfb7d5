/** A file that the sender offers. */
export interface OfferedFile {
  /** Its path below the receiver's folder: with slashes, including a leading one. */
  readonly key: string
  readonly bytes: number
  /** When it was last changed, in milliseconds since 1970. With its size it tells two versions of a file apart. */
  readonly modifiedMs: number
}

/** A file that the receiver wants. */
export interface WantedFile {
  /** Position in the offer. */
  readonly index: number
  /** Bytes that the receiver has from an earlier attempt. */
  readonly offset: number
  /** SHA-256 of these bytes, in hex; empty if there are none. */
  readonly sha256: string
}

/** The offer in a message from the other side, or null if it is malformed. */
export function readOffer(value: unknown): OfferedFile[] | null {
  const files = isRecord(value) && value['version'] === 1 ? value['files'] : null
  if (!Array.isArray(files) || files.length === 0 || !files.every(isOfferedFile)) return null
  return Number.isSafeInteger(sizeOf(files)) ? files : null
}

/** The content of an offer message. */
export function offerOf(files: readonly OfferedFile[]): object {
  return { version: 1, files: files.map(({ bytes, key, modifiedMs }) => ({ key, bytes, modifiedMs })) }
}

/** The wanted files in a message from the other side: each at most once. Null if it is malformed. */
export function readWanted(value: unknown, files: readonly OfferedFile[]): WantedFile[] | null {
  if (!Array.isArray(value) || !value.every((one) => isWantedFile(one, files))) return null
  return new Set(value.map(({ index }) => index)).size === value.length ? value : null
}

/** The bytes in all of these files. */
export function sizeOf(files: readonly OfferedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

function isOfferedFile(value: unknown): value is OfferedFile {
  if (!isRecord(value)) return false
  const { bytes, key, modifiedMs } = value
  return typeof key === 'string' && isCount(bytes) && typeof modifiedMs === 'number' && Number.isFinite(modifiedMs)
}

function isWantedFile(value: unknown, files: readonly OfferedFile[]): value is WantedFile {
  if (!isRecord(value)) return false
  const { index, offset, sha256 } = value
  if (!isCount(index) || !isCount(offset) || typeof sha256 !== 'string') return false
  const file = files[index]
  return file !== undefined && offset <= file.bytes
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
