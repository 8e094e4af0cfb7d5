import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The packages of the workspace that are published, sorted by name. */
export async function publicPackages() {
  const names = await readdir(join(root, 'packages'))
  const manifests = names
    .sort()
    .map((name) => join(root, 'packages', name))
    .filter(hasManifest)
  const packages = await Promise.all(manifests.map(readPackage))
  return packages.filter((pkg) => !pkg.isPrivate)
}

function hasManifest(folder) {
  return existsSync(join(folder, 'package.json'))
}

async function readPackage(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  return {
    name: manifest.name,
    version: manifest.version,
    folder,
    manifest,
    isPrivate: manifest.private === true,
    isBuilt: existsSync(join(folder, 'dist')),
    tarball: null
  }
}
