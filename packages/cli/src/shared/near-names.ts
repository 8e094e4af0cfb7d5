import { distance } from 'fastest-levenshtein'

/** Names further off than this part of their length are no slip of the finger. */
const MAX_SHARE = 0.5
const MAX_NAMES = 3

/** Those of `names` that `name` may have been meant to be, nearest first; at most three. */
function nearNames(name: string, names: readonly string[]): string[] {
  return names
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, candidate.length * MAX_SHARE))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate)
}

/** A hint: the near names, or else `otherwise`. */
export function didYouMean(name: string, names: readonly string[], otherwise: string): string {
  const near = nearNames(name, names)
  return near.length === 0 ? otherwise : `Did you mean ${near.join(' or ')}?`
}
