import { runTool } from '../shared/tool.mjs'

/**
 * Exceptions for attw: `node10`, a resolution without `exports` that no supported Node uses; and `require` returning an
 * ES module, which every supported Node (20.19 and newer) allows. Everything else holds for `import` and `require` in
 * Node and for bundlers. `main` lets `node10` find the types, but it cannot follow their `#` imports, so types.mjs
 * checks that the declarations resolve.
 */
const ATTW = [
  '--profile',
  'node16',
  '--ignore-rules',
  'cjs-resolves-to-esm',
  'internal-resolution-error',
  '--format',
  'ascii',
  '--no-emoji'
]

/** publint and are-the-types-wrong find no fault in the packed package. */
export async function lintPackage(pkg, report) {
  await report.check(`${pkg.name}: publint`, async () => void (await runTool('publint', ['--strict', pkg.tarball])))
  await report.check(`${pkg.name}: attw`, async () => void (await runTool('attw', [pkg.tarball, ...ATTW])))
}
