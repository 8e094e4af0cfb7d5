import { join } from 'node:path'
import { root } from '../shared/packages.mjs'
import { run } from '../shared/run.mjs'

/** attw lets pass what is found by `node10` only: a resolution without `exports`, which no supported Node has. */
const ATTW = ['--profile', 'node16', '--format', 'ascii', '--no-emoji']

/** publint and are-the-types-wrong find no fault in the packed package. */
export async function lintPackage(pkg, report) {
  await report.check(`${pkg.name}: publint`, async () => void (await runTool('publint', ['--strict', pkg.tarball])))
  await report.check(`${pkg.name}: attw`, async () => void (await runTool('attw', [pkg.tarball, ...ATTW])))
}

/** Runs a tool from the repository's dev dependencies. Throws an error with all of its output if it fails. */
function runTool(name, args, cwd = root) {
  return run(join(root, 'node_modules', '.bin', name), args, cwd)
}
