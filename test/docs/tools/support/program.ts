import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { ROOT } from '../../../../scripts/docs/root.ts'
import { listening } from '../../support/sample.ts'

/** How a program is run. */
export interface ProgramOptions {
  /** Default: the root of the repository. */
  readonly cwd?: string
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program that listens on `port`, and waits until it does. The program is ended after the test. */
export async function startProgram(
  port: number,
  command: readonly string[],
  { cwd = ROOT, env = {} }: ProgramOptions = {}
): Promise<void> {
  const [name = '', ...args] = command
  const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  child.stderr.on('data', (data) => said.push(String(data)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(() => {
    child.kill('SIGTERM')
    return ended
  })
  if (!(await listening(port, ended))) throw new Error(`${name} ended: ${said.join('')}`)
}
