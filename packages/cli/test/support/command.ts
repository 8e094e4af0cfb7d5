import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFailed, onTestFinished } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'

/** Built before the tests: a TypeScript loader would double what each start costs. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** A command in a process of its own, ended with the test at the latest. */
export class RunningCommand {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #stdout: Buffer[] = []
  readonly #closed: Promise<unknown>
  stderr = ''

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(program, args, { env: { ...process.env, ...env } })
    this.#closed = once(this.#child, 'close')
    this.#child.stdout.on('data', (data) => this.#stdout.push(data))
    this.#child.stderr.on('data', (data) => {
      this.stderr += data
    })
    // It may end before it has read all its input.
    this.#child.stdin.on('error', () => {})
    onTestFailed(() => {
      process.stderr.write(`${args.join(' ')} said: ${JSON.stringify(this.stderr)}\n`)
    })
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.#closed
    })
  }

  get stdin() {
    return this.#child.stdin
  }

  get output() {
    return this.#child.stdout
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout)
  }

  kill(signal: NodeJS.Signals): this {
    this.#child.kill(signal)
    return this
  }

  /** Nobody reads standard error from now on. */
  stopReadingRemarks(): void {
    this.#child.stderr.destroy()
  }

  /** Resolves when standard error contains this. */
  says(text: string | RegExp): Promise<void> {
    const what = () => `"${text}" in ${JSON.stringify(this.stderr)}`
    const hasSaid = () => (typeof text === 'string' ? this.stderr.includes(text) : text.test(this.stderr))
    return until(`a command to say ${text}`, hasSaid).catch((error) => {
      throw new Error(`${error.message}: ${what()}`)
    })
  }

  /** Resolves when standard output contains this. */
  prints(text: string): Promise<void> {
    return until(`a command to print ${text}`, () => this.stdout.includes(text))
  }

  /** Resolves when it has ended on its own. */
  async outcome(): Promise<Outcome> {
    const [code] = (await this.#closed) as [number | null]
    return { code, stdout: this.stdout, stderr: this.stderr }
  }
}

/** Starts `swarmway` with these arguments. */
export function start(args: readonly string[], env?: NodeJS.ProcessEnv): RunningCommand {
  return new RunningCommand(process.execPath, [MAIN, ...args], env)
}

/**
 * The same on a terminal of its own: `stdin` is its keyboard, and `stdout` is what it shows. `script` is part of every Linux.
 * The arguments must be plain words.
 */
export function startOnTerminal(args: readonly string[], env?: NodeJS.ProcessEnv, columns = 80): RunningCommand {
  const line = `stty cols ${columns}; exec '${process.execPath}' '${MAIN}' ${args.join(' ')}`
  return new RunningCommand('script', ['-qec', line, '/dev/null'], { TERM: 'xterm', ...env })
}

/** Runs it to its end as a user who may do less than root, if that is who runs the tests. */
export function runAsUser(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
  const isRoot = process.getuid?.() === 0
  const words = [process.execPath, MAIN, ...args]
  const program = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...words] : words
  const command = new RunningCommand(program[0] ?? '', program.slice(1), env)
  command.stdin.end()
  return command.outcome()
}

/** Runs it to its end with this input. */
export function run(args: readonly string[], input: string | Buffer = ''): Promise<Outcome> {
  const command = start(args)
  command.stdin.end(input)
  return command.outcome()
}
