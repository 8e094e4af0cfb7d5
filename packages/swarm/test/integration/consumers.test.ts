/**
 * A program written for hyperswarm runs on Swarm unchanged if the name `hyperswarm` resolves to this
 * package, as `"hyperswarm": "npm:@swarmway/swarm"` in a package.json makes it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { answer, end } from '../../../../test/support/child.js'
import { type Kind, Testnet } from './support.js'

const BLOCKS = 400
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url))
const CONSUMER = fileURLToPath(new URL('./fixtures/consumer.cjs', import.meta.url))

const testnet = Testnet.use()

/** A folder in which `require('hyperswarm')` finds Swarm. Inside the package, so that its dependencies are found. */
let aliased = ''

beforeAll(() => {
  aliased = mkdtempSync(join(PACKAGE, 'node_modules', '.consumer-'))
  const home = join(aliased, 'node_modules', 'hyperswarm')
  cpSync(join(PACKAGE, 'dist'), join(home, 'dist'), { recursive: true })
  cpSync(join(PACKAGE, 'package.json'), join(home, 'package.json'))
  cpSync(CONSUMER, join(aliased, 'consumer.cjs'))
})

afterAll(() => {
  rmSync(aliased, { recursive: true, force: true })
})

describe('corestore, with swarm.on("connection", connection => store.replicate(connection))', () => {
  test.each<[Kind, Kind]>([
    ['hyperswarm', 'hyperswarm'],
    ['swarmway', 'swarmway'],
    ['hyperswarm', 'swarmway'],
    ['swarmway', 'hyperswarm']
  ])('replicates a core from a program on %s to one on %s', async (writing, reading) => {
    const writer = run(writing, 'write')
    const written = await answer<Record<string, unknown>>(writer)
    expect(written['class']).toBe(CLASS[writing])
    const reader = run(reading, 'read', String(written['key']))
    expect(await answer<Record<string, unknown>>(reader)).toEqual({
      length: BLOCKS,
      verified: BLOCKS,
      class: CLASS[reading],
      peers: 1
    })
    expect(await Promise.all([end(reader), end(writer)])).toEqual([0, 0])
  })
})

const CLASS: Record<Kind, string> = { hyperswarm: 'Hyperswarm', swarmway: 'Swarm' }

/** Starts the program in a separate process. */
function run(kind: Kind, role: 'write' | 'read', key = ''): ChildProcess {
  const storage = mkdtempSync(join(tmpdir(), 'swarmway-consumer-'))
  const file = kind === 'hyperswarm' ? CONSUMER : join(aliased, 'consumer.cjs')
  const args = [role, storage, JSON.stringify(testnet.bootstrap), String(BLOCKS), key]
  const child = fork(file, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(storage, { recursive: true, force: true })
  })
  return child
}
