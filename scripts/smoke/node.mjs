import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 60_000

/** Runs code with plain Node in `folder`. Throws if it fails or prints a warning; returns nothing. */
export function runNode(folder, inputType, code) {
  const args = [`--input-type=${inputType}`, '--eval', code]
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_MS
  })
  if (error) throw error
  if (status !== 0 || stderr !== '') throw new Error(stderr || `Node ended with exit code ${status}.`)
}
