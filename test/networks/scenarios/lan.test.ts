/** A local network without internet and DHT, which loses every fifth multicast. Hyperswarm cannot do this. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import type { Figures } from '../../../bench/lib/rounds.ts'
import type { CallParams } from '../agents/caller.ts'
import { type Host, type Lab, withLab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'
import { Crowd } from '../support/crowd.ts'
import { expectAtMost, recordRounds } from '../support/measures.ts'
import { connect, Peer, secondsUntilData } from '../support/pair.ts'
import { includes } from '../support/settings.ts'
import { TURN_LIMIT_MS, withTurn } from '../support/turns.ts'

const HOSTS = includes('full') ? 50 : 12
const LOSS_PERCENT = 20
/** Long enough for a busy machine, which takes half a minute to start that many processes. */
const WINDOW_MS = 300_000
const NEWCOMERS = 5
const ASLEEP_MS = 60_000
/** Probes are rare after the first 18 s. */
const SETTLE_MS = 30_000
const REST_MS = 60_000
/** A second, of each host. */
const MAX_PACKETS_AT_REST = 1
const NAME = `local network of ${HOSTS} hosts, ${LOSS_PERCENT} % of multicasts lost`
const SWARM = { system: 'swarmway', bootstrap: [], lan: true } as const

test.skipIf(!includes('normal'))(NAME, { timeout: 900_000 + TURN_LIMIT_MS }, async (context) => {
  const round = () => withLab(measure)
  const samples = await withTurn('busy', () => recordRounds(context, NAME, ['swarmway'], round, 1))
  for (const [name, bySystem] of Object.entries(samples)) {
    expectAtMost(bySystem, name.endsWith(', s') ? WINDOW_MS / 1000 : MAX_PACKETS_AT_REST)
  }
})

async function measure(lab: Lab): Promise<Figures> {
  await lab.setMulticastLoss(LOSS_PERCENT)
  const hosts = await lab.localNetwork('lan', HOSTS + 3, { delayMs: 0.5 })
  const [newcomer, ...pair] = hosts.splice(HOSTS) as [Host, Host, Host]
  const topic = randomBytes(32).toString('hex')
  const { crowd, joinedMs } = await Crowd.start(lab, hosts, { ...SWARM, swarmsAHost: 1, gapMs: 0, topic })
  // Asking all processes again and again would take a good part of the processor.
  const connectedMs = await crowd.connectedMs(WINDOW_MS)
  const newcomerSeconds = await slowestNewcomer(lab, newcomer, topic)
  // The pair is on another topic: the others neither answer it nor send more because of it.
  const [rest, asleepSeconds] = await Promise.all([packetsAtRest(lab, hosts), secondsAfterSleep(lab, pair)])
  await crowd.end()
  return {
    'all join at once, each has a connection, s': (connectedMs - joinedMs) / 1000,
    [`slowest of ${NEWCOMERS} newcomers, s`]: newcomerSeconds,
    'multicasts a host and second at rest': rest.multicasts,
    'packets a host and second at rest, connections included': rest.packets,
    [`host asleep for ${ASLEEP_MS / 1000} s, s`]: asleepSeconds
  }
}

async function slowestNewcomer(lab: Lab, host: Host, topic: string): Promise<number> {
  const caller = lab.agent(host, 'caller')
  const times: number[] = []
  while (times.length < NEWCOMERS) {
    times.push(await caller.call<number>('call', { ...SWARM, topic } satisfies CallParams))
  }
  await caller.end()
  return Math.max(...times) / 1000
}

async function packetsAtRest(lab: Lab, hosts: readonly Host[]): Promise<{ packets: number; multicasts: number }> {
  await sleep(SETTLE_MS)
  const count = () => Promise.all(hosts.map((host) => lab.countPackets(host)))
  const before = await count()
  await sleep(REST_MS)
  const after = await count()
  const rate = (name: 'sent' | 'sentMulticasts'): number => {
    const sum = (counts: typeof before): number => counts.reduce((total, one) => total + one[name], 0)
    return (sum(after) - sum(before)) / hosts.length / (REST_MS / 1000)
  }
  return { packets: rate('sent'), multicasts: rate('sentMulticasts') }
}

/** A laptop whose lid is closed: its process stands still, and nothing reaches it. */
async function secondsAfterSleep(lab: Lab, hosts: readonly Host[]): Promise<number> {
  const topic = randomBytes(32).toString('hex')
  const [steady, troubled] = hosts.map((host) => new Peer(lab, host, { ...SWARM, topic })) as [Peer, Peer]
  const pair = { lab, steady, troubled, isTroubledFirst: true }
  await connect(pair)
  await troubled.setDark(true)
  troubled.setStopped(true)
  await sleep(ASLEEP_MS)
  await troubled.setDark(false)
  troubled.setStopped(false)
  return secondsUntilData(pair, nowMs(), WINDOW_MS)
}
