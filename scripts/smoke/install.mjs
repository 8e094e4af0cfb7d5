import { stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { run } from './run.mjs'

/** Packs with pnpm, which replaces `workspace:` ranges by versions. Returns the size. */
export async function pack(pkg, folder) {
  const output = await run('npx', ['-y', 'pnpm@10', 'pack', '--json', '--pack-destination', folder], pkg.folder)
  const { filename } = JSON.parse(output)
  const tarball = join(folder, basename(filename))
  const { size } = await stat(tarball)
  pkg.tarball = tarball
  return `${(size / 1000).toFixed(1)} kB`
}

/** Installs the tarballs as a user would, with nothing around them. */
export async function install(packages, folder) {
  const dependencies = Object.fromEntries(packages.map((pkg) => [pkg.name, `file:${basename(pkg.tarball)}`]))
  const manifest = { name: 'smoke', private: true, type: 'module', dependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], folder)
}
