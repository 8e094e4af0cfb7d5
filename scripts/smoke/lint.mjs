import { runTool } from '../shared/tool.mjs'

/** attw lets pass what is found by `node10` only: a resolution without `exports`, which no supported Node has. */
const ATTW = ['--profile', 'node16', '--format', 'ascii', '--no-emoji']

/** publint and are-the-types-wrong find no fault in the packed package. */
export async function lintPackage(pkg, report) {
  await report.check(`${pkg.name}: publint`, async () => void (await runTool('publint', ['--strict', pkg.tarball])))
  await report.check(`${pkg.name}: attw`, async () => void (await runTool('attw', [pkg.tarball, ...ATTW])))
}
