import { distance } from 'fastest-levenshtein'

/** Names whose distance exceeds this fraction of their length are not typing errors. */
const MAX_SHARE = 0.5
const MAX_NAMES = 3

/** Up to three of `names` that may be what `name` was meant to be, nearest first. */
function nearNames(name: string, names: readonly string[]): string[] {
  return names
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, candidate.length * MAX_SHARE))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate)
}

/** A hint with the near names; `otherwise` if there are none. */
export function didYouMean(name: string, names: readonly string[], otherwise: string): string {
  const near = nearNames(name, names)
  return near.length === 0 ? otherwise : `Did you mean ${near.join(' or ')}?`
}
