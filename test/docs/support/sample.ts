/** Runs the samples of the pages as a reader would, each in its own process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { createTestnet } from '../../../examples/demo/modules.ts'
import type { Block } from '../../../scripts/docs/page.ts'
import { readPages } from '../../../scripts/docs/pages.ts'
import { ROOT } from '../../../scripts/docs/root.ts'

const samples = new Map(
  readPages().flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.directive.run === null ? [] : [[block.directive.run, block] as const]))
  )
)

/** The names of all complete programs in the pages. */
export const sampleNames: readonly string[] = [...samples.keys()]

/** A running sample. */
export interface Sample {
  /** Waits for an output line that matches; earlier lines count. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Types a line into it. */
  type(text: string): void
  /** Presses Ctrl-C, and resolves to the exit code. */
  stop(): Promise<number | null>
  readonly ended: Promise<number | null>
}

/** Options to run a sample. */
export interface RunOptions {
  readonly args?: readonly string[]
  /** Texts in the sample and their replacements, such as a port that may be in use here. */
  readonly replace?: Readonly<Record<string, string>>
  /** More environment variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Modules to load first, as file URLs or names of packages. */
  readonly imports?: readonly string[]
}

/** The private DHT on which samples meet. It is destroyed after the test. */
export class Place {
  /** A node of the DHT, as host:port. */
  readonly bootstrap: string

  private constructor(bootstrap: string) {
    this.bootstrap = bootstrap
  }

  static async open(): Promise<Place> {
    const testnet = await createTestnet(4, { host: '127.0.0.1' })
    onTestFinished(() => testnet.destroy())
    const [node] = testnet.bootstrap
    return new Place(`${node?.host}:${node?.port}`)
  }

  /** One whose only node does not answer. */
  static async dark(): Promise<Place> {
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new Place(`127.0.0.1:${socket.address().port}`)
  }

  /** Starts a sample, which is ended after the test. */
  run(name: string, options: RunOptions = {}): Sample {
    const sample = samples.get(name)
    if (sample === undefined) throw new Error(`no page has a sample <!-- run: ${name} -->`)
    return this.runBlock(sample, options)
  }

  /** Starts a block of JavaScript, which is ended after the test. */
  runBlock(block: Block, { args = [], env = {}, imports = [], replace = {} }: RunOptions = {}): Sample {
    const name = block.directive.run ?? `${block.page}:${block.line}`
    const code = Object.entries(replace).reduce((text, [from, to]) => text.replaceAll(from, to), block.text)
    const loaded = [PRIVATE_NETWORK, ...imports].map((url) => `--import=${url}`)
    const child = spawn(process.execPath, [...loaded, '--input-type=module', '--eval', code, '--', name, ...args], {
      cwd: join(ROOT, dirname(block.page)),
      env: { ...process.env, ...env, BOOTSTRAP: this.bootstrap },
      stdio: ['pipe', 'pipe', 'inherit']
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return handleOf(child, name)
  }
}

const PRIVATE_NETWORK = new URL('private-network.mjs', import.meta.url).href

function handleOf(child: ChildProcess, name: string): Sample {
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    ended,
    line: linesOf(child, name),
    type: (text) => void child.stdin?.write(`${text}\n`),
    stop: () => {
      child.kill('SIGINT')
      return ended
    }
  }
}

function linesOf(child: ChildProcess, name: string): (pattern: RegExp) => Promise<RegExpExecArray> {
  const lines: string[] = []
  const looks = new Set<() => void>()
  if (child.stdout === null) throw new Error('the output of a sample must be a pipe')
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    for (const look of [...looks]) look()
  })
  return (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null)
        if (match) resolve(match)
      }
      looks.add(look)
      child.once('exit', () => reject(new Error(`${name} ended without a line like ${pattern}: ${lines.join(' | ')}`)))
      look()
    })
}

/** A free TCP port. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Resolves to true when something listens on the port; to false if the process that should listen has ended. */
export async function listening(port: number, ended?: Promise<unknown>): Promise<boolean> {
  let isOver = false
  void ended?.then(() => {
    isOver = true
  })
  while (!isOver) if (await canConnect(port)) return true
  return false
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() !== null))
    socket.once('error', () => setTimeout(() => resolve(false), 50))
  })
}
