import { spawnSync } from 'node:child_process'

/** Runs a program that the machine may not have. Returns its output; throws an error with the output if it fails. */
export function runTool(name: string, args: readonly string[], debianPackage: string): string {
  const { error, status, stderr, stdout } = spawnSync(name, args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${name} is missing. Install it (Debian: apt-get install ${debianPackage}).`)
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout + stderr
}
