import { join } from 'node:path'
import { root } from './packages.mjs'
import { run } from './run.mjs'

/** Runs a tool of the repository's own dev dependencies. Throws with all of its output if it fails. */
export function runTool(name, args, cwd = root) {
  return run(join(root, 'node_modules', '.bin', name), args, cwd)
}
