/** A page does not learn its addresses; it has the event `online`. */
export function networkFingerprint(): string | null {
  return null
}
