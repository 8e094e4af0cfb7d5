/** Engines that run a bundle with nothing but JavaScript: V8 without WebAssembly and without Node, and Hermes. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { createContext, runInContext } from 'node:vm'

/** An engine: takes scripts, and prints lines. */
export interface Engine {
  evaluate(script: string): void
  close(): void
}

export type CreateEngine = (onLine: (line: string) => void) => Engine

/** A context of its own, where Node's globals are not. */
export const createVm: CreateEngine = (print) => {
  const context = createContext({ print }, { codeGeneration: { strings: false, wasm: false } })
  runInContext('delete globalThis.WebAssembly', context)
  return { evaluate: (script) => void runInContext(script, context), close: () => {} }
}

/** Hermes reads a line, runs it with all promises that settle, and prints. */
export function hermesAt(bin: string): CreateEngine {
  return (print) => {
    const child = spawn(bin, [], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', (line) => print(line.replace(/^(>> )+/, '')))
    child.stdin.on('error', () => {})
    return {
      evaluate: (script) => void child.stdin.write(`${script.replaceAll('\n', ' ')}\n`),
      close: () => void child.kill('SIGKILL')
    }
  }
}
