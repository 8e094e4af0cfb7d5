import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { MAIN } from '../../support/command.js'

/** A record of `swarmway`'s log. */
export interface LogRecord {
  readonly level: string
  readonly msg: string
  readonly worker?: number
  readonly pid: number
  readonly [key: string]: unknown
}

/** A `swarmway` process; stopped after the test. */
export class Cli {
  stdout = ''
  stderr = ''
  /** Set once it has ended; the signal's name if one ended it. */
  ended: number | string | null = null
  readonly child: ChildProcess

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    // Not the test runner's environment: FORCE_COLOR and the like would change the output.
    const { HOME, PATH, TMPDIR } = process.env
    this.child = spawn(process.execPath, [MAIN, ...args], { env: { HOME, PATH, TMPDIR, ...env } })
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk
    })
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk
    })
    this.child.on('close', (code, signal) => {
      this.ended = code ?? signal ?? 'unknown'
    })
    onTestFinished(() => this.end('SIGKILL').then(() => {}))
  }

  get log(): LogRecord[] {
    const lines = this.stdout.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogRecord)
  }

  /** Resolves to the first record with this message. */
  async logged(message: string): Promise<LogRecord> {
    const find = () => this.log.find(({ msg }) => msg === message)
    await until(`${message} in ${this.stdout}${this.stderr}`, () => find() !== undefined || this.ended !== null)
    const record = find()
    if (record === undefined) throw new Error(`ended with ${this.ended}: ${this.stdout}${this.stderr}`)
    return record
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Resolves to its exit code, after this signal if one is given. */
  async end(signal?: NodeJS.Signals): Promise<number | string | null> {
    if (signal !== undefined && this.ended === null) this.child.kill(signal)
    await until('the end of the process', () => this.ended !== null)
    return this.ended
  }
}
