import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { run } from '../shared/run.mjs'

/** Installs the tarballs as a user would, in an empty folder, and once more under the name `hyperswarm`. */
export async function install(packages, folder) {
  const dependencies = Object.fromEntries(packages.map((pkg) => [pkg.name, `file:${basename(pkg.tarball)}`]))
  const hyperswarm = dependencies['@swarmway/swarm']
  const manifest = { name: 'smoke', private: true, type: 'module', dependencies: { ...dependencies, hyperswarm } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'],
    folder
  )
}
