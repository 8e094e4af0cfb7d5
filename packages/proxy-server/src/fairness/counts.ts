/** How many there are of each; those of which there are none take no room. */
export class Counts extends Map<string, number> {
  /** How many there are; 0 if none. */
  of(key: string): number {
    return this.get(key) ?? 0
  }

  change(key: string, change: 1 | -1): void {
    const count = this.of(key) + change
    if (count === 0) this.delete(key)
    else this.set(key, count)
  }
}
