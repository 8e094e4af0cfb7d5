/** The order of paths as people count: "photo 2" before "photo 10". */
export function inNaturalOrder<T extends { readonly path: string }>(lines: readonly T[]): T[] {
  const { compare } = new Intl.Collator('en', { numeric: true })
  return [...lines].sort((a, b) => compare(a.path, b.path))
}
