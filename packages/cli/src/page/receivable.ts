import { HIDDEN, type Refusal } from '../get/remote-files.js'
import { TakenNames } from '../get/taken-names.js'
import type { OfferedFile } from '../send/offer.js'
import { refusalOf } from '../share/safe-path.js'
import { isHidden } from '../share/storage-name.js'

/** Browsers and archive programs replace what their system does not allow. */
const PLATFORM = 'linux'

/** An offer, sorted by what a browser takes. */
export interface Receivable {
  readonly wanted: readonly { readonly index: number; readonly offered: OfferedFile }[]
  readonly skipped: readonly Refusal[]
}

/** Sorts the files of an offer by whether their names, which the other side chose, may be used. */
export function receivable(offer: readonly OfferedFile[]): Receivable {
  const names = new TakenNames(PLATFORM)
  const wanted: { index: number; offered: OfferedFile }[] = []
  const skipped: Refusal[] = []
  // Prefixes first, as `TakenNames` needs it.
  const byName = offer
    .map((offered, index) => ({ index, offered }))
    .sort((a, b) => (a.offered.key < b.offered.key ? -1 : 1))
  for (const one of byName) {
    const { bytes, key } = one.offered
    const reason = refusalOf(key, PLATFORM) ?? (isHidden(key) ? HIDDEN : names.take(key))
    if (reason === null) wanted.push(one)
    else skipped.push({ key, bytes, reason })
  }
  return { wanted, skipped }
}
