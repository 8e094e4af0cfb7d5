import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'

/** Runs the native program as a user would, on a private DHT. It is ended after the test. */
export function startNative(bootstrap: readonly { host: string; port: number }[], args: readonly string[]) {
  const nodes = bootstrap.flatMap(({ host, port }) => ['--bootstrap', `${host}:${port}`])
  return startProgram('native.ts', [...args, ...nodes, '--host', '127.0.0.1'])
}

/** Runs a program of the example. It is ended after the test. */
export function startProgram(name: string, args: readonly string[]) {
  const program = new URL(`../../../${name}`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Vite prints colours, even into a pipe, if the environment says that this is CI.
    lines.push(stripVTControlCharacters(line))
    for (const look of waiting) look()
  })
  return {
    type: (text: string) => child.stdin.write(`${text}\n`),
    stop: () => {
      child.kill('SIGINT')
      return ended
    },
    /** Waits for a printed line that matches, and resolves to what the first group matched. */
    line: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null)
          if (!match) return
          waiting.delete(look)
          resolve(match[1] ?? '')
        }
        waiting.add(look)
        void ended.then(() => reject(new Error(`no line like ${pattern}: ${lines.join(' | ')}`)))
        look()
      })
  }
}
