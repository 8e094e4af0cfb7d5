/** The userspace internet: a C program, compiled for this run, that takes commands on its standard input. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCES = fileURLToPath(new URL('router/', import.meta.url))

type Child = ChildProcessByStdio<Writable, Readable, null>

interface Waiting {
  readonly command: string
  resolve(answer: string): void
  reject(error: Error): void
}

/** Ends with the process that started it, because its standard input ends then; its namespaces end with it. */
export class Router {
  readonly #child: Child
  readonly #exited: Promise<void>
  /** Answers come in the order of the commands. */
  readonly #waiting: Waiting[] = []

  static async start(): Promise<Router> {
    const folder = await mkdtemp(join(tmpdir(), 'swarmway-networks-'))
    try {
      const program = await compile(folder)
      const router = new Router(spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] }))
      await router.run('multicast-loss 0')
      return router
    } finally {
      // A running program needs its file no longer.
      await rm(folder, { recursive: true })
    }
  }

  private constructor(child: Child) {
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => this.#onAnswer(line))
    child.once('exit', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('The router has ended.'))
    })
  }

  /** Path of a network namespace, from the number that the command `host` answers with. */
  namespacePath(fileDescriptor: string): string {
    return `/proc/${this.#child.pid}/fd/${fileDescriptor}`
  }

  /** Resolves to what follows "ok" in the answer. */
  run(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject })
      this.#child.stdin.write(`${command}\n`)
    })
  }

  async close(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  #onAnswer(line: string): void {
    const waiting = this.#waiting.shift()
    if (line.startsWith('ok')) waiting?.resolve(line.slice('ok'.length).trim())
    else waiting?.reject(new Error(`Router, ${waiting.command}: ${line}`))
  }
}

async function compile(folder: string): Promise<string> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.c'))
  const program = join(folder, 'router')
  await promisify(execFile)('cc', ['-O2', '-o', program, ...files], { cwd: SOURCES })
  return program
}
