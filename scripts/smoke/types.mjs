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
const LIBRARIES = [
  { title: 'the default library', lib: undefined, files: ['types.ts', 'proxied.ts'] },
  // The proxy client's message ports are streams of streamx, whose types need the platform's AbortSignal.
  { title: 'neither DOM nor Node types', lib: ['ES2022'], files: ['types.ts'] }
]

/** The samples pass `tsc --strict`, including the declarations, with every module resolution. */
export async function checkTypes(folder, report) {
  const tsc = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc')
  for (const name of ['types.ts', 'proxied.ts', 'required.cts']) {
    await copyFile(fileURLToPath(new URL(`./sample/${name}`, import.meta.url)), join(folder, name))
  }
  const check = async (resolution, lib, files) => {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config(resolution, lib, files)))
    await run(process.execPath, [tsc, '--project', folder], folder)
  }
  for (const resolution of RESOLUTIONS) {
    for (const { title, lib, files } of LIBRARIES) {
      await report.check(`tsc --strict, ${resolution.moduleResolution} resolution, ${title}`, () =>
        check(resolution, lib, files)
      )
    }
  }
  await report.check('tsc --strict, require in a CommonJS file', () =>
    check({ module: 'nodenext', moduleResolution: 'nodenext' }, undefined, ['required.cts'])
  )
}

function config(resolution, lib, files) {
  const target = 'ES2022'
  const checks = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [] }
  return { compilerOptions: { ...resolution, ...checks, target, lib }, files }
}
