/** Runs a program of the tier, or a package's own tests, with `hyperswarm` leading to swarms of chosen kinds. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER, ROOT } from './install.ts'

/** The kinds of swarms, as the columns are called. */
export type Kind = 'hyperswarm' | 'Swarm' | 'ProxyClient'

/** Where the swarms meet. */
export interface Place {
  readonly bootstrap: readonly object[]
  readonly proxyUrl: string
}

/** What became of a run. */
export interface Outcome {
  readonly passed: number
  readonly total: number
  /** What the program printed. */
  readonly output: string
}

/** Longer than any run that is still getting somewhere. */
const TIMEOUT_MS = 120_000
const PROGRAMS = fileURLToPath(new URL('./programs/', import.meta.url))

/** A program of ours passes or fails as a whole. */
export async function runProgram(name: string, kinds: readonly Kind[], place: Place): Promise<Outcome> {
  const output = await start(join(PROGRAMS, `${name}.mjs`), kinds, place)
  return { passed: /^passed$/m.test(output) ? 1 : 0, total: 1, output }
}

/** Tests for brittle count themselves. */
export async function runTests(path: string, kinds: readonly Kind[], place: Place): Promise<Outcome> {
  const output = await start(join(FOLDER, 'node_modules', path), kinds, place)
  const results = [...output.matchAll(/^(not )?ok \d+/gm)]
  const passed = results.filter(([, not]) => not === undefined).length
  // A run that broke off has not counted what was to come.
  const isWhole = /^# tests = /m.test(output)
  return { passed, total: results.length + (isWhole ? 0 : 1), output }
}

/** Resolves to what the program printed, however it ended. */
function start(file: string, kinds: readonly Kind[], { bootstrap, proxyUrl }: Place): Promise<string> {
  const storage = mkdtempSync(join(tmpdir(), 'swarmway-compatibility-'))
  const settings = JSON.stringify({ bootstrap, folder: FOLDER, kinds, proxyUrl, root: ROOT, storage })
  const env = { ...process.env, COMPATIBILITY: settings, TMPDIR: storage, FORCE_COLOR: '0' }
  const args = ['--import', join(PROGRAMS, 'alias.mjs'), file]
  // A group of its own: some start further processes, which must not outlive it.
  const child = spawn(process.execPath, args, { cwd: storage, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const endGroup = () => child.pid !== undefined && endProcessGroup(child.pid)
  const timer = setTimeout(endGroup, TIMEOUT_MS)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data))
  return new Promise((resolve) => {
    child.once('exit', endGroup)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      rmSync(storage, { recursive: true, force: true })
      resolve(code === 0 ? output : `${output}\nended with ${code ?? signal}`)
    })
  })
}

function endProcessGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
}
