import { join } from 'node:path'
import { root } from './packages.mjs'
import { run } from './run.mjs'

/** Runs a tool from the repository's dev dependencies. Throws an error with all of its output if it fails. */
export function runTool(name, args, cwd = root) {
  return run(join(root, 'node_modules', '.bin', name), args, cwd)
}
