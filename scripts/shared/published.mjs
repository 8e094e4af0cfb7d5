import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.mjs'

/**
 * Copies the built packages into an empty folder, so that they resolve each other as the published ones do: by their
 * `publishConfig.exports`. Returns the folder of the command line, from which all of them can be imported.
 */
export function layOutPublished(folder) {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'packages'))) copyPackage(name, join(folder, 'packages', name))
  return join(folder, 'packages', 'cli')
}

/** Links of pnpm are relative: those to our packages lead to the copies. */
function copyPackage(name, target) {
  const source = join(root, 'packages', name)
  mkdirSync(target, { recursive: true })
  for (const part of ['dist', 'node_modules']) {
    cpSync(join(source, part), join(target, part), { recursive: true, verbatimSymlinks: true })
  }
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  writeFileSync(join(target, 'package.json'), JSON.stringify({ ...manifest, ...manifest.publishConfig }))
}
