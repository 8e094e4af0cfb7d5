import type { OfferedFile } from '../send/offer.js'
import { HIDDEN, type Refusal } from '../shared/files/refusal.js'
import { refusalOf } from '../shared/files/safe-path.js'
import { isHidden } from '../shared/files/storage-name.js'
import { TakenNames } from '../shared/files/taken-names.js'
import { namesDevice, savedIdentity } from './saved-names.js'

/** Browsers and archives replace what other systems do not allow; `saved-names.ts` has what they would miss. */
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
    .map((offered, index) => ({ index, offered, identity: savedIdentity(offered.key) }))
    .sort((a, b) => (a.identity < b.identity ? -1 : 1))
  for (const { identity, index, offered } of byName) {
    const { bytes, key } = offered
    const reason = refusalOfName(key) ?? names.take(identity)
    if (reason === null) wanted.push({ index, offered })
    else skipped.push({ key, bytes, reason })
  }
  return { wanted, skipped }
}

function refusalOfName(key: string): string | null {
  if (namesDevice(key)) return 'its name means something else on Windows'
  return refusalOf(key, PLATFORM) ?? (isHidden(key) ? HIDDEN : null)
}
