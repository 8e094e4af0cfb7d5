import { copyFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../shared/packages.mjs'
import { run } from '../shared/run.mjs'

const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' }
]
const REQUIRING = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'preserve', moduleResolution: 'bundler' }
]
const LIBRARIES = [
  { title: 'the default library', lib: undefined, files: ['types.ts', 'proxied.ts'] },
  // The proxy client's message ports are streams of streamx, whose types need the platform's AbortSignal.
  { title: 'neither DOM nor Node types', lib: ['ES2022'], files: ['types.ts'] }
]

/** The samples pass `tsc --strict`, including the declarations, with every module resolution. */
export async function checkTypes(folder, report) {
  const tsc = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc')
  for (const name of ['types.ts', 'proxied.ts', 'required.cts', 'required.cjs']) {
    await copyFile(fileURLToPath(new URL(`./sample/${name}`, import.meta.url)), join(folder, name))
  }
  const check = async (resolution, lib, files, types = []) => {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config(resolution, lib, files, types)))
    await run(process.execPath, [tsc, '--project', folder], folder)
  }
  for (const resolution of RESOLUTIONS) {
    for (const { title, lib, files } of LIBRARIES) {
      await report.check(`tsc --strict, ${resolution.moduleResolution} resolution, ${title}`, () =>
        check(resolution, lib, files)
      )
    }
  }
  for (const resolution of REQUIRING) {
    await report.check(`tsc --strict, ${resolution.module}, require in a CommonJS file`, () =>
      check(resolution, undefined, ['required.cts', 'required.cjs'], ['node'])
    )
  }
}

function config(resolution, lib, files, types) {
  const checks = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
  const platform = { target: 'ES2022', lib, types, typeRoots: [join(root, 'node_modules/@types')] }
  return { compilerOptions: { ...resolution, ...checks, ...platform, allowJs: true }, files }
}
