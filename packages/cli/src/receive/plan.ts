import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OfferedFile } from '../send/offer.js'
import { lookAt } from '../shared/files/obstacle.js'
import { HIDDEN, type Refusal } from '../shared/files/refusal.js'
import { refusalOf } from '../shared/files/safe-path.js'
import { shortHash } from '../shared/files/short-hash.js'
import { isHidden, unfinishedName } from '../shared/files/storage-name.js'
import { TakenNames } from '../shared/files/taken-names.js'

/** Some file systems keep times in steps of one or two seconds; the others in steps that are no longer than the fine one. */
const TIME_STEP_MS = { coarse: 2000, fine: 10 } as const

/** A file to receive. */
export interface PlannedFile {
  /** Position in the offer. */
  readonly index: number
  readonly offered: OfferedFile
  readonly path: string
  /**
   * Where it is written until it is whole. A later attempt finds it by the file's name, also if the sender has changed the
   * file: what is there is used only if it is the beginning of the new one.
   */
  readonly unfinished: string
  /** Bytes that an earlier attempt has left there. */
  readonly presentBytes: number
  readonly replaces: boolean
}

/** What to do with the files of an offer. */
export interface ReceivePlan {
  readonly write: readonly PlannedFile[]
  /** Files that are here from an earlier attempt. */
  readonly kept: readonly OfferedFile[]
  /** Files whose names, which the other side chose, must not be written. */
  readonly skipped: readonly Refusal[]
  /** Files that are not replaced without --overwrite; if there are any, nothing is written. */
  readonly refused: readonly Refusal[]
}

/** Options of a plan. */
export interface PlanOptions {
  readonly overwrite?: boolean | undefined
  readonly hasHidden?: boolean | undefined
  /** Default: this machine's. */
  readonly platform?: NodeJS.Platform | undefined
}

/** Looks at the path of each offered file below `folder`, a real path. Nothing is written. */
export function planReceive(offer: readonly OfferedFile[], folder: string, options: PlanOptions): ReceivePlan {
  const { hasHidden = false, overwrite = false, platform = process.platform } = options
  const plan: { [Fate in keyof ReceivePlan]: ReceivePlan[Fate][number][] } = {
    write: [],
    kept: [],
    skipped: [],
    refused: []
  }
  const names = new TakenNames(platform)
  for (const { index, offered } of byName(offer)) {
    const { bytes, key } = offered
    const skip = refusalOf(key, platform) ?? (isHidden(key) && !hasHidden ? HIDDEN : names.take(key))
    if (skip !== null) {
      plan.skipped.push({ key, bytes, reason: skip })
      continue
    }
    const { file, obstacle } = lookAt(folder, key)
    if (obstacle !== null) plan.refused.push({ key, bytes, reason: obstacle })
    else if (file !== null && isHere(file, offered)) plan.kept.push(offered)
    else if (file !== null && !overwrite) plan.refused.push({ key, bytes, reason: EXISTS })
    else plan.write.push(describe(folder, index, offered, file !== null))
  }
  return plan
}

/** Why a file is not replaced without --overwrite. */
export const EXISTS = 'there is another file of this name'

/** Prefixes first, as `TakenNames` needs it. */
function byName(offer: readonly OfferedFile[]) {
  return offer.map((offered, index) => ({ index, offered })).sort((a, b) => (a.offered.key < b.offered.key ? -1 : 1))
}

function describe(folder: string, index: number, offered: OfferedFile, replaces: boolean): PlannedFile {
  const { bytes, key } = offered
  const path = join(folder, key)
  const unfinished = join(dirname(path), unfinishedName(shortHash(key)))
  return { index, offered, path, unfinished, presentBytes: presentAt(unfinished, bytes), replaces }
}

function isHere({ mtimeMs, size }: { mtimeMs: number; size: number }, { bytes, modifiedMs }: OfferedFile): boolean {
  const stepMs = mtimeMs % 1000 === 0 ? TIME_STEP_MS.coarse : TIME_STEP_MS.fine
  return size === bytes && Math.abs(mtimeMs - modifiedMs) < stepMs
}

function presentAt(path: string, bytes: number): number {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() ? Math.min(stats.size, bytes) : 0
}
