import type { Blob, Drive, Entry } from './packages.js'
import { refusalOf } from './safe-path.js'
import { TakenNames } from './taken-names.js'

/** What is offered, looked through. */
export interface RemoteFiles {
  readonly wanted: readonly Entry[]
  readonly skipped: readonly { key: string; reason: string }[]
  readonly totalBytes: number
}

/** Looks through the files of a drive, which a stranger may have made by hand, for those that may be written. */
export async function listRemoteFiles(
  drive: Drive,
  folder: string,
  platform: NodeJS.Platform = process.platform
): Promise<RemoteFiles> {
  const wanted: Entry[] = []
  const names = new TakenNames(platform)
  const skipped: { key: string; reason: string }[] = []
  let totalBytes = 0
  for await (const entry of drive.list('/')) {
    const reason = skipReason(entry, folder, platform) ?? names.take(entry.key)
    if (reason === null) {
      wanted.push(entry)
      totalBytes += entry.value.blob?.byteLength ?? 0
    } else skipped.push({ key: entry.key, reason })
  }
  return { wanted, skipped, totalBytes }
}

function skipReason({ key, value }: Entry, folder: string, platform: NodeJS.Platform): string | null {
  if (typeof value !== 'object' || value === null || !isBlob(value.blob)) return 'it makes no sense'
  if (value.linkname) return 'it is a link'
  return refusalOf(folder, key, platform)
}

function isBlob(blob: Blob | null): boolean {
  if (blob === null) return true
  const { blockLength, blockOffset, byteLength, byteOffset } = blob
  return [blockLength, blockOffset, byteLength, byteOffset].every((n) => Number.isSafeInteger(n) && n >= 0)
}
