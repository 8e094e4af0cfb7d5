import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ALLOWED = /^(package\.json|README\.md|LICENSE|dist|man)$/

/** The installed package has the files it needs and no others. */
export async function checkContents(pkg, folder) {
  const installed = join(folder, 'node_modules', pkg.name)
  const names = (await readdir(installed)).filter((name) => name !== 'node_modules')
  const surplus = names.filter((name) => !ALLOWED.test(name))
  if (surplus.length > 0) throw new Error(`The package has files that do not belong in it: ${surplus.join(', ')}.`)
  for (const name of ['LICENSE', 'README.md', 'dist']) {
    if (!names.includes(name)) throw new Error(`The package lacks ${name}.`)
  }
  const manifest = await readFile(join(installed, 'package.json'), 'utf8')
  if (manifest.includes('workspace:')) throw new Error('The packed package.json has a workspace: range.')
}
