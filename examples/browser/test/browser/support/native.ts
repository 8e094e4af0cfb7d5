import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const program = new URL('../../../native.ts', import.meta.url).pathname

/** Runs the native program as a user would. It goes with the test. */
export function startNative(bootstrap: readonly { host: string; port: number }[], args: readonly string[]) {
  const nodes = bootstrap.flatMap(({ host, port }) => ['--bootstrap', `${host}:${port}`])
  const loader = ['--conditions=@swarmway/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...loader, program, ...args, ...nodes, '--host', '127.0.0.1'], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  return {
    type: (text: string) => child.stdin.write(`${text}\n`),
    stop: () => {
      child.kill('SIGINT')
      return ended
    },
    /** Resolves when a line that matches was printed. */
    line: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!lines.some((line) => pattern.test(line))) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        void ended.then(() => reject(new Error(`no line like ${pattern}: ${lines.join(' | ')}`)))
        look()
      })
  }
}
