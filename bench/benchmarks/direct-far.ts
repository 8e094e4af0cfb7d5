import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OnParams, TrafficParams } from '../../test/networks/agents/traffic.ts'
import { DhtNetwork } from '../../test/networks/lab/dht.ts'
import { type Host, type Lab, withLab } from '../../test/networks/lab/lab.ts'
import { startProxy } from '../../test/networks/support/proxy.ts'
import type { Benchmark, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import type { Worker } from '../lib/worker.ts'

const PLAIN = 'data channel'
const SYSTEMS = [PLAIN, 'direct', 'proxied', 'native, direct', 'native, proxied'] as const
type System = (typeof SYSTEMS)[number]

const THROUGHPUT = 'throughput'
const ROUND_TRIP = 'round trip, p50'
const SERVER_PACKETS = "server's packets"
const UNITS: Readonly<Record<string, string>> = { [THROUGHPUT]: 'MB/s', [ROUND_TRIP]: 'ms', [SERVER_PACKETS]: 'per MB' }

/** How much of a plain data channel's throughput is aimed at. */
const MIN_SHARE = 0.9
/** One way: 50 ms there and back between the peers, and 80 ms from each of them to the server. */
const PEER_LINK = { delayMs: 12.5, bitsPerSecond: 50e6, queueBytes: 1e6 }
const SERVER_LINK = { delayMs: 27.5 }
const BULK_MS = { quick: 2000, full: 8000 }
/** For windows to open. */
const WARM_UP_MS = 2000
const ECHO_MS = 2000
const UPGRADE_LIMIT_MS = 15_000
/** Of the other end of a plain data channel. */
const PLAIN_KEY = '00'.repeat(32)

/** A process with a swarm, and its key in hex. */
interface End {
  readonly agent: Worker
  readonly key: string
}

/** Peers that are nearer to each other than to their proxy server, as most are. */
export const directFar: Benchmark = {
  name: 'direct-far',
  title: 'Direct paths, with the server farther than the peer',
  async run(options) {
    const bulkMs = options.isQuick ? BULK_MS.quick : BULK_MS.full
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) =>
      withLab((lab) => (system === PLAIN ? measurePlain(lab, bulkMs) : measure(lab, system, bulkMs, options)))
    )
    return toOutcome(samples, bulkMs)
  }
}

async function measure(lab: Lab, system: System, bulkMs: number, { log }: RunOptions): Promise<Figures> {
  const isDirect = !system.endsWith('proxied')
  const { bootstrap } = await DhtNetwork.start(lab)
  const proxy = await startProxy(lab, bootstrap, SERVER_LINK)
  const rest = { bootstrap, url: proxy.url, isDirect, topics: [randomBytes(32).toString('hex')] }
  const kind = system.startsWith('native') ? 'swarmway' : 'proxied'
  const to = await startEnd(lab, await lab.host('to', PEER_LINK), { ...rest, system: kind, isEcho: true })
  const from = await startEnd(lab, await lab.host('from', PEER_LINK), { ...rest, system: 'proxied' })
  await Promise.all([from.agent.call('connected', to.key), to.agent.call('connected', from.key)])
  if (isDirect) await whenDirect(from, to)
  log(`${system}: connected`)
  const times = await from.agent.call<(number | null)[]>('echo', on(to, ECHO_MS))
  return { ...(await transfer(lab, proxy.host, [from, to], bulkMs)), [ROUND_TRIP]: median(times.map(orNever)) }
}

/** The packets of a server that is not there are not counted. */
async function measurePlain(lab: Lab, bulkMs: number): Promise<Figures> {
  const [to, from] = [await lab.host('to', PEER_LINK), await lab.host('from', PEER_LINK)].map((host) => ({
    agent: lab.agent(host, 'traffic'),
    key: PLAIN_KEY
  })) as [End, End]
  const offered = await from.agent.call('offer')
  await from.agent.call('accept', { answered: await to.agent.call('answer', { offered }) })
  await Promise.all([from, to].map(({ agent }) => agent.call('connected', PLAIN_KEY)))
  await from.agent.call('beSilent')
  const times = await from.agent.call<(number | null)[]>('echo', on(to, ECHO_MS))
  const { [SERVER_PACKETS]: _, ...figures } = await transfer(lab, null, [from, to], bulkMs)
  return { ...figures, [ROUND_TRIP]: median(times.map(orNever)) }
}

async function startEnd(lab: Lab, host: Host, params: TrafficParams): Promise<End> {
  const agent = lab.agent(host, 'traffic')
  return { agent, key: await agent.call<string>('join', params) }
}

async function whenDirect(from: End, to: End): Promise<void> {
  const endMs = performance.now() + UPGRADE_LIMIT_MS
  const paths = () => Promise.all([from.agent.call('path', to.key), to.agent.call('path', from.key)])
  while ((await paths()).some((path) => path !== 'direct')) {
    if (performance.now() > endMs) throw new Error('there is no direct path')
    await sleep(50)
  }
}

async function transfer(lab: Lab, server: Host | null, [from, to]: [End, End], bulkMs: number): Promise<Figures> {
  await to.agent.call('beSilent')
  await from.agent.call('bulk', on(to, WARM_UP_MS))
  const look = async () => ({
    bytes: await to.agent.call<number>('received'),
    packets: server === null ? 0 : (await lab.countPackets(server)).sent,
    ms: performance.now()
  })
  const before = await look()
  await from.agent.call('bulk', on(to, bulkMs))
  const after = await look()
  const megabytes = (after.bytes - before.bytes) / 1e6
  return {
    [THROUGHPUT]: megabytes / ((after.ms - before.ms) / 1000),
    [SERVER_PACKETS]: (after.packets - before.packets) / megabytes
  }
}

function on({ key }: End, durationMs: number): OnParams {
  return { key, durationMs }
}

function orNever(time: number | null): number {
  return time ?? Number.POSITIVE_INFINITY
}

function toOutcome(samples: Samples, bulkMs: number): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: UNITS[name] ?? '', samples: bySystem })),
    targets: [
      share(samples),
      shorter(samples, 'direct', 'proxied'),
      shorter(samples, 'native, direct', 'native, proxied')
    ],
    notes: [
      `Two peers and a proxy server on a userspace internet: 50 ms there and back between the peers, 80 ms from each to the server, lines of 50 Mbit/s at the peers. ${ECHO_MS / 1000} s of small messages that the other side sends back, then ${bulkMs / 1000} s of chunks of 64 KiB. One process each, on the machine's cores.`,
      'Both peers are clients of the server, over WebSockets; "native": one of them is a swarm in Node, which has UDP. Direct paths are by node-datachannel.',
      `"${PLAIN}": an RTCDataChannel of node-datachannel as used without a library: messages of 64 KiB, and bufferedAmount. Nothing but its own DTLS encrypts it.`,
      'Packets are those that the host of the server sends, acknowledgements of TCP included.'
    ]
  }
}

/** Ratios are of the medians. */
function share(samples: Samples): Target {
  const of = (system: System) => median(samples[THROUGHPUT]?.[system] ?? [])
  const ratio = of('direct') / of(PLAIN)
  return {
    text: `direct: at least ${MIN_SHARE} of the throughput of a plain data channel`,
    isReached: ratio >= MIN_SHARE,
    found: `${figure(ratio)} times`
  }
}

function shorter(samples: Samples, direct: System, proxied: System): Target {
  const of = (system: System) => median(samples[ROUND_TRIP]?.[system] ?? [])
  const ratio = of(direct) / of(proxied)
  return {
    text: `${direct}: the round trip is at most 0.7 of the proxied one`,
    isReached: ratio <= 0.7,
    found: `${figure(ratio)} times`
  }
}
