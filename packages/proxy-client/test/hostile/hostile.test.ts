/**
 * Each attack beside somebody honest: a client, which joins a topic, is connected to the native peer on it, and has
 * announced itself; the attacked client, which does the same; or a native peer, which connects to the attacked one. The
 * time under attack is a ratio of the time alone in the same run, with the same processes. It fails only if the same
 * at somebody else's, who is not attacked, is much faster at the same time: other things may have made the machine busy. With
 * `HOSTILE_RESULTS=<file>`, the table for docs/security.md is written there.
 */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { afterAll, expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, run by the attacker's process too
import { ATTACKS } from './attacks.mjs'
// @ts-expect-error: plain JavaScript
import { HALF_OPEN_ATTACKS } from './half-open.mjs'
import {
  clientJoinMs,
  connectMs,
  joinMs,
  type Measure,
  startAttack,
  startClient,
  startNetwork,
  startPeer,
  startServer
} from './measures.js'
// @ts-expect-error: plain JavaScript
import { SIGNALLING_ATTACKS } from './signalling.mjs'

const TIMES = 7
/** What takes this many times as long as alone is something that strangers have spoilt. */
const MAX_RATIO = 2
/** Differences of less are those of a busy machine, whatever the ratio. */
const MIN_DIFFERENCE_MS = 250

/** What is measured under one attack. */
interface Case {
  /** As in the table. */
  readonly name: string
  readonly attacked: Measure
  /** The same where there is no attack. */
  readonly spared: Measure
}

const rows: { attack: string; aloneMs: number; besideMs: number; underAttackMs: number; ratio: number }[] = []

afterAll(() => {
  console.table(rows)
  const { HOSTILE_RESULTS: file } = process.env
  const [{ model = '' } = {}] = cpus()
  const environment = `${cpus().length} x ${model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ environment, attacks: rows }, null, 2)}\n`)
})

test.each(Object.keys(ATTACKS as object))('%s', { timeout: 300_000 }, async (name) => {
  const network = await startNetwork()
  const [ports, control] = [await startServer(network), await startServer(network)]
  const [attacked, spared] = [() => joinMs(network, ports), () => joinMs(network, control)]
  await compare([{ name, attacked, spared }], () => startAttack(name, { ...ports, bootstrap: network.bootstrap }))
})

test.each(Object.keys(SIGNALLING_ATTACKS as object))('%s', { timeout: 300_000 }, async (name) => {
  const network = await startNetwork()
  const [ports, control] = [await startServer(network), await startServer(network)]
  const topic = randomBytes(32).toString('hex')
  const [client, other] = [await startClient(ports, topic), await startClient(control, topic)]
  const [attacked, spared] = [() => joinMs(network, ports), () => joinMs(network, control)]
  const ofClient = { attacked: () => clientJoinMs(network, client), spared: () => clientJoinMs(network, other) }
  const cases = [
    { name, attacked, spared },
    { name: 'the same, measured at the attacked client', ...ofClient }
  ]
  await compare(cases, () => startAttack(name, { ...ports, topic }))
})

test.each(Object.keys(HALF_OPEN_ATTACKS as object))('%s', { timeout: 300_000 }, async (name) => {
  const network = await startNetwork()
  const topics = [randomBytes(32), randomBytes(32)] as const
  const [target] = [await startPeer(network, topics[0]), await startPeer(network, topics[1])]
  const [attacked, spared] = [() => connectMs(network, topics[0]), () => connectMs(network, topics[1])]
  await compare([{ name, attacked, spared }], () => startAttack(name, { ...target, bootstrap: network.bootstrap }))
})

async function compare(cases: Case[], begin: () => Promise<unknown>): Promise<void> {
  const alone: number[] = []
  for (const { attacked } of cases) alone.push(...(await typicalMs([attacked])))
  await begin()
  const judged: [isFine: boolean, why: string][] = []
  for (const [index, { name, attacked, spared }] of cases.entries()) {
    const [underAttackMs = 0, besideMs = 0] = await typicalMs([attacked, spared])
    judged.push(judge(name, alone[index] ?? 0, besideMs, underAttackMs))
  }
  for (const [isFine, why] of judged) expect(isFine, why).toBe(true)
}

function judge(attack: string, aloneMs: number, besideMs: number, underAttackMs: number): [boolean, string] {
  const ratio = Number((underAttackMs / aloneMs).toFixed(2))
  const [alone, beside, underAttack] = [aloneMs, besideMs, underAttackMs].map(Math.round) as [number, number, number]
  rows.push({ attack, aloneMs: alone, besideMs: beside, underAttackMs: underAttack, ratio })
  const expectedMs = Math.max(aloneMs, besideMs)
  const isFine = underAttackMs <= MAX_RATIO * expectedMs || underAttackMs - expectedMs < MIN_DIFFERENCE_MS
  return [isFine, `${attack}: ${ratio} times as long; ${beside} ms where there is no attack`]
}

/** The median of several times of each, in turn. The first one, for which code is compiled, does not count. */
async function typicalMs(measures: Measure[]): Promise<number[]> {
  const rounds: number[][] = []
  for (let i = 0; i <= TIMES; i++) {
    const times: number[] = []
    for (const measure of measures) times.push(await measure())
    if (i > 0) rounds.push(times)
  }
  return measures.map((_, i) => rounds.map((times) => times[i] ?? 0).sort((a, b) => a - b)[TIMES >> 1] ?? 0)
}
