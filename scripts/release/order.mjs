/** The packages, each after those that it depends on: so that at no moment one is published that cannot be installed. */
export function inDependencyOrder(packages) {
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]))
  const ordered = new Set()
  for (const pkg of packages) visit(pkg, byName, ordered)
  return [...ordered]
}

function visit(pkg, byName, ordered) {
  if (ordered.has(pkg)) return
  for (const name of Object.keys(pkg.manifest.dependencies ?? {})) {
    const needed = byName.get(name)
    if (needed !== undefined) visit(needed, byName, ordered)
  }
  ordered.add(pkg)
}
