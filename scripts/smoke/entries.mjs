import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runNode } from './node.mjs'

/** Every entry of the package can be imported, and required. */
export async function checkEntries(pkg, folder, report) {
  const { exports } = JSON.parse(await readFile(join(folder, 'node_modules', pkg.name, 'package.json'), 'utf8'))
  for (const subpath of Object.keys(exports).filter((path) => path !== './package.json')) {
    const entry = JSON.stringify(pkg.name + subpath.slice(1))
    await report.check(`import(${entry})`, () => runNode(folder, 'module', `await import(${entry})`))
    await report.check(`require(${entry})`, () => runNode(folder, 'commonjs', `require(${entry})`))
  }
}
