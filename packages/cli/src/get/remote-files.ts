import type { Blob, Drive, Entry } from '../share/packages.js'
import { HIDDEN, type Refusal } from '../shared/files/refusal.js'
import { refusalOf } from '../shared/files/safe-path.js'
import { isHidden } from '../shared/files/storage-name.js'
import { TakenNames } from '../shared/files/taken-names.js'

/** The offered files, sorted into accepted and refused. */
export interface RemoteFiles {
  readonly wanted: readonly Entry[]
  readonly skipped: readonly Refusal[]
}

/** Which files of a share are wanted. */
export interface WantedOptions {
  /** Whether to accept names that begin with a dot. Default: false. */
  readonly hasHidden?: boolean | undefined
  /** Default: this machine's. */
  readonly platform?: NodeJS.Platform | undefined
}

/** Sorts the files of a drive, which a stranger may have crafted, by whether they may be written. */
export async function listRemoteFiles(
  drive: Drive,
  { hasHidden = false, platform = process.platform }: WantedOptions = {}
): Promise<RemoteFiles> {
  const wanted: Entry[] = []
  const names = new TakenNames(platform)
  const skipped: Refusal[] = []
  for await (const entry of drive.list('/')) {
    const reason = skipReason(entry, hasHidden, platform) ?? names.take(entry.key)
    if (reason === null) wanted.push(entry)
    else skipped.push({ key: entry.key, reason, bytes: bytesOf(entry) })
  }
  return { wanted, skipped }
}

/** The size of a file. */
export function bytesOf({ value }: Entry): number {
  const blob = value?.blob
  return blob && isBlob(blob) ? blob.byteLength : 0
}

function skipReason({ key, value }: Entry, hasHidden: boolean, platform: NodeJS.Platform): string | null {
  if (typeof value !== 'object' || value === null || !isBlob(value.blob)) return 'its entry is malformed'
  if (value.linkname) return 'it is a link'
  // Its size is unknown until it has been fetched.
  if (value.blob?.blockMap) return 'it is stored in pieces, which is not supported'
  const refusal = refusalOf(key, platform)
  return refusal ?? (isHidden(key) && !hasHidden ? HIDDEN : null)
}

function isBlob(blob: Blob | null): boolean {
  if (blob === null) return true
  if (typeof blob !== 'object') return false
  const { blockLength, blockOffset, byteLength, byteOffset } = blob
  return [blockLength, blockOffset, byteLength, byteOffset].every((n) => Number.isSafeInteger(n) && n >= 0)
}
