import { execFile } from 'node:child_process'

/** The end of a command. */
export interface Ended {
  /** Null if it was killed. */
  readonly code: number | null
  /** Standard output and standard error. */
  readonly output: string
}

/** Runs a command to its end, however that is. A command that hangs is killed after `timeoutMs`; default: 280 s. */
export function ending(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; timeoutMs?: number }
): Promise<Ended> {
  const { cwd, env = {}, timeoutMs = 280_000 } = options
  const settings = { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(command, args, settings, (error, stdout, stderr) => {
      const { code } = (error ?? { code: 0 }) as { code?: number | string | null }
      resolve({ code: typeof code === 'number' ? code : null, output: `${stdout}${stderr}` })
    })
  })
}

/** What a command prints. Throws, with all of it, unless the command succeeds. */
export async function printed(...call: Parameters<typeof ending>): Promise<string> {
  const { code, output } = await ending(...call)
  // Without a stack: vitest would look for the sources that the output names.
  if (code !== 0) throw Object.assign(new Error(`${call[0]} ended with ${code}:\n${output}`), { stack: '' })
  return output.trim()
}
