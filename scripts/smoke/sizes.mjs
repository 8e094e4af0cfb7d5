import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Ceilings per package: kB of the tarball, and MB that it installs in an empty folder with all of its dependencies.
 * About 40 % of the tarballs of libraries is what Node loads: bundles of the modules, with source maps. Most of what is
 * installed are the binaries of the native modules, for every platform. The ceilings are a little above the current
 * sizes. To exceed one, raise it here, where it shows in review.
 */
const CEILINGS = {
  swarmway: { packedKb: 505, installedMb: 262 },
  '@swarmway/proxy-client': { packedKb: 174, installedMb: 45 },
  '@swarmway/proxy-protocol': { packedKb: 138, installedMb: 2 },
  '@swarmway/proxy-server': { packedKb: 414, installedMb: 46 },
  '@swarmway/runtime': { packedKb: 33, installedMb: 1 },
  '@swarmway/swarm': { packedKb: 400, installedMb: 43 }
}

/** The package is no larger than its ceilings. */
export async function checkSizes(pkg, folder, report) {
  await report.check(`${pkg.name}: sizes`, async () => {
    const ceiling = CEILINGS[pkg.name]
    if (ceiling === undefined) throw new Error('The package has no ceilings in scripts/smoke/sizes.mjs.')
    const packedKb = (await stat(pkg.tarball)).size / 1000
    const installedMb = (await installedBytes(pkg.name, folder)) / 1e6
    assertBelow('packed', packedKb, ceiling.packedKb, 'kB')
    assertBelow('installed', installedMb, ceiling.installedMb, 'MB')
    return `packed ${packedKb.toFixed(0)} of ${ceiling.packedKb} kB, installed ${installedMb.toFixed(0)} of ${ceiling.installedMb} MB`
  })
}

function assertBelow(what, size, ceiling, unit) {
  if (size > ceiling) throw new Error(`${what}: ${size.toFixed(1)} ${unit}, and the ceiling is ${ceiling} ${unit}.`)
}

/** Bytes of the package and of everything that it depends on. */
async function installedBytes(name, folder) {
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))
  let bytes = 0
  for (const path of closureOf(`node_modules/${name}`, packages)) bytes += await folderBytes(join(folder, path))
  return bytes
}

/** Paths of a package and of all its dependencies, from npm's lockfile. */
function closureOf(path, packages, found = new Set()) {
  if (found.has(path)) return found
  found.add(path)
  const { dependencies, optionalDependencies } = packages[path]
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const needed = locate(name, path, packages)
    if (needed !== null) closureOf(needed, packages, found)
  }
  return found
}

/** Where Node finds `name` from `path`: the nearest node_modules upwards. Null if npm has left an optional one out. */
function locate(name, path, packages) {
  for (let from = path; ; from = from.slice(0, from.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    const candidate = `${from === '' ? '' : `${from}/`}node_modules/${name}`
    if (candidate in packages) return candidate
    if (from === '') return null
  }
}

/** Bytes of the files of a package, without those nested in it. */
async function folderBytes(folder) {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isFile()) bytes += (await stat(path)).size
    else if (entry.isDirectory() && entry.name !== 'node_modules') bytes += await folderBytes(path)
  }
  return bytes
}
