import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { publicPackages } from '../shared/packages.mjs'

/** All public entries with types, of all packages, with the names of their reports. */
export async function publicEntries() {
  const packages = await publicPackages()
  return (await Promise.all(packages.map(entriesOf))).flat()
}

async function entriesOf({ name, folder }) {
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([subpath, target]) => ({
      folder,
      types: join(folder, target.types),
      reportName: [basename(name), ...subpath.split('/').slice(1)].join('.')
    }))
}
