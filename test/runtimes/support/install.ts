/** Installs the packages as npm would, in an empty folder: what other runtimes and bundlers find in an application. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pack } from '../../../scripts/shared/pack.mjs'
import { publicPackages } from '../../../scripts/shared/packages.mjs'

/** What an application with a swarm or a client installs. */
const NAMES = ['@swarmway/runtime', '@swarmway/proxy-protocol', '@swarmway/swarm', '@swarmway/proxy-client']
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Packs our packages, and installs them with `extras`. Returns the folder, which is that of the last run. */
export async function installPacked(name: string, extras: readonly string[]): Promise<string> {
  const folder = join(ROOT, '.tmp', 'runtimes', name)
  mkdirSync(folder, { recursive: true })
  const packages = (await publicPackages()).filter((pkg) => NAMES.includes(pkg.name))
  const tarballs = await Promise.all(packages.map((pkg) => pack(pkg, folder)))
  // npm does not look whether a tarball of the same name has changed.
  rmSync(join(folder, 'package-lock.json'), { force: true })
  for (const pkg of packages) rmSync(join(folder, 'node_modules', pkg.name), { recursive: true, force: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'an-application', private: true }))
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error', '--force']
  const ours = tarballs.map((tarball) => `./${basename(tarball)}`)
  execFileSync('npm', ['install', ...options, ...ours, ...extras], { cwd: folder, stdio: 'pipe' })
  return folder
}
