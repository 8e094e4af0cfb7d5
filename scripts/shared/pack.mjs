import { basename, join } from 'node:path'
import { run } from './run.mjs'

/** Packs with pnpm, which replaces `workspace:` ranges with versions. Returns the path of the tarball. */
export async function pack(pkg, folder) {
  const output = await run('npx', ['-y', 'pnpm@10', 'pack', '--json', '--pack-destination', folder], pkg.folder)
  return join(folder, basename(JSON.parse(output).filename))
}
