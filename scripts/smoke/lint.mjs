import { runTool } from '../shared/tool.mjs'

/**
 * What attw is told to let pass: `node10`, a resolution without `exports`, which no supported Node has; and that
 * `require` gives an ES module, which every supported Node (20.19 and newer) can do. The rest holds for `import` and
 * `require` in Node and for bundlers. `main` lets `node10` find the types, whose `#` imports it cannot follow: types.mjs
 * checks in its place that the declarations resolve.
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

/** publint and are-the-types-wrong find nothing in the packed package. */
export async function lintPackage(pkg, report) {
  await report.check(`${pkg.name}: publint`, async () => void (await runTool('publint', ['--strict', pkg.tarball])))
  await report.check(`${pkg.name}: attw`, async () => void (await runTool('attw', [pkg.tarball, ...ATTW])))
}
