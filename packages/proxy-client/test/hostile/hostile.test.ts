/**
 * Each attack beside an honest client, which joins a topic, is connected to the native peer on it, and has announced
 * itself. Its time under attack is a ratio of its time alone in the same run, with the same processes. It fails only if a server
 * beside it, which is not attacked, is much faster at the same time: other things may have made the machine busy. With
 * `HOSTILE_RESULTS=<file>`, the table for docs/security.md is written there.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { answer } from '../../../../test/support/child.js'
import { ProxyClient } from '../../src/index.js'
// @ts-expect-error: plain JavaScript, run by the attacker's process too
import { ATTACKS } from './attacks.mjs'
// @ts-expect-error: plain JavaScript
import { connectFrom } from './stranger.mjs'

/** Each join is that of another client: one that joined again and again would not be one that begins little. */
let honest = 0
const JOINS = 7
/** A join that takes this many times as long as alone is one that strangers have spoilt. */
const MAX_RATIO = 2
/** Differences of less are those of a busy machine, whatever the ratio. */
const MIN_DIFFERENCE_MS = 250

interface Ports {
  tcpPort: number
  webPort: number
}

const rows: { attack: string; aloneMs: number; besideMs: number; underAttackMs: number; ratio: number }[] = []

afterAll(() => {
  console.table(rows)
  const { HOSTILE_RESULTS: file } = process.env
  const [{ model = '' } = {}] = cpus()
  const environment = `${cpus().length} x ${model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ environment, attacks: rows }, null, 2)}\n`)
})

test.each(Object.keys(ATTACKS as object))('%s', { timeout: 300_000 }, async (attack) => {
  const network = start('network.mjs')
  const { bootstrap } = await answer<{ bootstrap: unknown }>(network)
  const [ports, control] = [await startServer(bootstrap), await startServer(bootstrap)]
  const [aloneMs = 0] = await typicalJoinMs(network, [ports])
  await answer(start('attacker.mjs', attack, JSON.stringify({ ...ports, bootstrap })))
  const [underAttackMs = 0, besideMs = 0] = await typicalJoinMs(network, [ports, control])
  const ratio = Number((underAttackMs / aloneMs).toFixed(2))
  const [alone, beside, underAttack] = [aloneMs, besideMs, underAttackMs].map(Math.round) as [number, number, number]
  rows.push({ attack, aloneMs: alone, besideMs: beside, underAttackMs: underAttack, ratio })
  const expectedMs = Math.max(aloneMs, besideMs)
  const isFine = underAttackMs <= MAX_RATIO * expectedMs || underAttackMs - expectedMs < MIN_DIFFERENCE_MS
  expect(isFine, `${ratio} times as long; ${Math.round(besideMs)} ms at a server that is not attacked`).toBe(true)
})

function startServer(bootstrap: unknown): Promise<Ports> {
  return answer<Ports>(start('server.mjs', JSON.stringify(bootstrap)))
}

/** Starts a program of this folder. */
function start(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The median of several joins at each server, in turn. The first one, for which code is compiled, does not count. */
async function typicalJoinMs(network: ChildProcess, servers: Ports[]): Promise<number[]> {
  const rounds: number[][] = []
  for (let i = 0; i <= JOINS; i++) {
    const times: number[] = []
    for (const ports of servers) times.push(await joinMs(network, ports))
    if (i > 0) rounds.push(times)
  }
  return servers.map((_, i) => rounds.map((times) => times[i] ?? 0).sort((a, b) => a - b)[JOINS >> 1] ?? 0)
}

async function joinMs(network: ChildProcess, { tcpPort }: Ports): Promise<number> {
  const topic = randomBytes(32)
  const joined = new Promise((resolve) => network.once('message', resolve))
  network.send({ join: topic.toString('hex') })
  await joined
  const address = `203.0.113.${++honest % 256}`
  const begin = performance.now()
  const client = new ProxyClient({ connect: () => connectFrom(address, tcpPort) })
  const connected = new Promise<void>((resolve) => client.once('connection', () => resolve()))
  client.on('connection', (connection) => connection.on('error', () => {}))
  await Promise.all([client.join(topic).flushed(), connected])
  const elapsedMs = performance.now() - begin
  await client.destroy()
  return elapsedMs
}
