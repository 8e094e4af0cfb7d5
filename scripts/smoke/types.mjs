import { copyFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './packages.mjs'
import { run } from './run.mjs'

const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' }
]
const LIBRARIES = [
  { title: 'the default library', lib: undefined },
  { title: 'neither DOM nor Node types', lib: ['ES2022'] }
]

/** The sample passes `tsc --strict` with the declarations checked too, however modules are resolved. */
export async function checkTypes(folder, report) {
  const tsc = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc')
  await copyFile(fileURLToPath(new URL('./sample/types.ts', import.meta.url)), join(folder, 'types.ts'))
  for (const resolution of RESOLUTIONS) {
    for (const { title, lib } of LIBRARIES) {
      await report.check(`tsc --strict, ${resolution.moduleResolution} resolution, ${title}`, async () => {
        await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config(resolution, lib)))
        await run(process.execPath, [tsc, '--project', folder], folder)
      })
    }
  }
}

function config(resolution, lib) {
  const target = 'ES2022'
  const checks = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [] }
  return { compilerOptions: { ...resolution, ...checks, target, lib }, files: ['types.ts'] }
}
