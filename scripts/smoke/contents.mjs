import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ALLOWED = /^(package\.json|README\.md|LICENSE|dist)$/

/** The installed package has what it needs and nothing else. */
export async function checkContents(pkg, folder) {
  const installed = join(folder, 'node_modules', pkg.name)
  const names = (await readdir(installed)).filter((name) => name !== 'node_modules')
  const surplus = names.filter((name) => !ALLOWED.test(name))
  if (surplus.length > 0) throw new Error(`These do not belong into the package: ${surplus.join(', ')}.`)
  for (const name of ['LICENSE', 'README.md', 'dist']) {
    if (!names.includes(name)) throw new Error(`${name} is missing in the package.`)
  }
  const manifest = await readFile(join(installed, 'package.json'), 'utf8')
  if (manifest.includes('workspace:')) throw new Error('The packed package.json names a workspace: range.')
}
