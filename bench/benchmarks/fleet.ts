import { setTimeout as sleep } from 'node:timers/promises'
import type { Benchmark, Measure, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { type BrokerTotals, Nats } from '../lib/nats.ts'
import { figure } from '../lib/report.ts'
import { Watch } from '../lib/scale-crowd.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { PairsParams } from '../workers/fleet-pairs.ts'
import type { FleetServerParams, FleetServerState } from '../workers/fleet-server.ts'
import type { ScaleCrowd } from '../workers/scale-clients.ts'

const WAYS = ['one server', 'two servers, fleet', 'two servers, DHT'] as const
type Way = (typeof WAYS)[number]
const FLEET = 'fleet'
const SERVERS = 3
const DHT_NODES = 8
const REST_MS = 20_000
const MIN_PART = 0.8
/** As a multiple of what is measured. Less leaves the compilation of four processes in the figures. */
const WARM_UP = 2
const MAX_P99_MS = 1000

/** Three servers and a broker, beside one server and beside the DHT. */
export const fleet: Benchmark = {
  name: 'fleet',
  title: 'A fleet of three servers over NATS',
  async run(options) {
    const meetings = await meetingTimes(options)
    const transfers = await throughput(options)
    const crowd = await crowdOfClients(options)
    return toOutcome(options, meetings, transfers, crowd)
  }
}

type Samples = Record<string, number[]>
/** Samples by what was measured. */
type Transfers = Record<keyof Transfer, Samples>

/** Runs `use` with servers of one kind; the last is another one than the first, except for one server. */
async function withServers<Result>(
  way: Way,
  count: number,
  use: (urls: string[], servers: Worker[]) => Promise<Result>
): Promise<Result> {
  const nats = way === 'two servers, fleet' ? await Nats.start() : null
  const dht = way === 'two servers, DHT' ? new Worker('dht') : null
  const servers = Array.from({ length: way === 'one server' ? 1 : count }, () => new Worker('fleet-server'))
  try {
    return await withWorkers([...servers, ...(dht === null ? [] : [dht])], async () => {
      const bootstrap = (await dht?.call<Address[]>('start', { nodes: DHT_NODES })) ?? null
      const params = (i: number) =>
        ({ broker: nats?.url ?? null, name: `s${i}`, bootstrap }) satisfies FleetServerParams
      const urls = await Promise.all(servers.map((server, i) => server.call<string>('start', params(i))))
      if (nats !== null) await untilMet(servers)
      return use(urls, servers)
    })
  } finally {
    nats?.end()
  }
}

async function untilMet(servers: Worker[]): Promise<void> {
  for (;;) {
    const states = await Promise.all(servers.map((server) => server.call<FleetServerState>('state')))
    if (states.every(({ servers: others }) => others === servers.length - 1)) return
    await sleep(50)
  }
}

async function meetingTimes({ isQuick, log }: RunOptions): Promise<Samples> {
  const samples: Samples = {}
  for (const way of WAYS) {
    log(`  meetings: ${way}`)
    const rounds = isQuick ? 10 : way === 'two servers, DHT' ? 60 : 200
    samples[way] = await withServers(way, 2, async (urls) => {
      const pairs = new Worker('fleet-pairs')
      const params = { urls: [urls[0] ?? '', urls.at(-1) ?? ''], rounds } satisfies PairsParams
      // The first meetings warm up the code of all processes.
      return withWorkers([pairs], async () => {
        await pairs.call('meet', { ...params, rounds: 5 })
        return pairs.call<number[]>('meet', params)
      })
    })
  }
  return samples
}

/** From a client at the first server to one at the last. Rounds alternate. */
async function throughput({ isQuick, log, rounds }: RunOptions): Promise<Transfers> {
  const bytes = (isQuick ? 128 : 512) * 2 ** 20
  const samples: Transfers = { rate: {}, allCpu: {}, mostCpu: {} }
  for (let round = 0; round < (rounds ?? (isQuick ? 1 : 7)); round++)
    for (const way of ['one server', 'two servers, fleet'] as const) {
      const found = await withServers(way, 2, (urls, servers) => transfer(urls, servers, bytes))
      log(`  throughput, ${way}: ${figure(found.rate)} MB/s, ${figure(found.allCpu)} s of CPU for each GB`)
      for (const name of ['rate', 'allCpu', 'mostCpu'] as const)
        samples[name][way] = [...(samples[name][way] ?? []), found[name]]
    }
  return samples
}

interface Transfer {
  /** MB/s. */
  rate: number
  /** CPU seconds for each GB, of all processes together. */
  allCpu: number
  /** Of the process that takes most: where each has a core of its own, it is the limit. */
  mostCpu: number
}

function transfer(urls: string[], servers: Worker[], bytes: number): Promise<Transfer> {
  const [sender, receiver] = [new Worker('proxy-client'), new Worker('proxy-client')]
  return withWorkers([sender, receiver], async () => {
    const system = 'swarmway'
    const publicKey = await receiver.call<string>('listen', { system, url: urls.at(-1) ?? '' })
    await sender.call('dial', { system, bootstrap: [], publicKey, url: urls[0] ?? '' })
    await receiver.call('connected')
    // The code of all processes is compiled meanwhile, and the windows grow.
    await sendOnce(sender, receiver, WARM_UP * bytes)
    const cpu = () => Promise.all([sender, ...servers, receiver].map((worker) => worker.call<number>('cpu')))
    const before = await cpu()
    const seconds = (await sendOnce(sender, receiver, bytes)) / 1000
    const perGb = (await cpu()).map((used, i) => (used - (before[i] ?? 0)) / (bytes / 1e9))
    const allCpu = perGb.reduce((sum, value) => sum + value, 0)
    return { rate: bytes / 1e6 / seconds, allCpu, mostCpu: Math.max(...perGb) }
  })
}

/** Milliseconds from the first byte to the last. */
async function sendOnce(sender: Worker, receiver: Worker, bytes: number): Promise<number> {
  await receiver.call('expect', { bytes })
  await sender.call('send', { bytes })
  return receiver.call<number>('received')
}

type Crowd = Record<string, readonly [unit: string, value: number]>

/** Many clients at three servers, each on one topic with others: what the broker carries for them. */
async function crowdOfClients({ isQuick, log }: RunOptions): Promise<Crowd> {
  const [clients, topics] = isQuick ? [150, 15] : [3000, 300]
  const nats = await Nats.start()
  const servers = Array.from({ length: SERVERS }, () => new Worker('fleet-server'))
  const crowd = Array.from({ length: SERVERS }, () => new Worker('scale-clients'))
  try {
    return await withWorkers([...servers, ...crowd], async () => {
      const params = (i: number) => ({ broker: nats.url, name: `s${i}`, bootstrap: null }) satisfies FleetServerParams
      const urls = await Promise.all(servers.map((server, i) => server.call<string>('start', params(i))))
      await untilMet(servers)
      const empty = await atRest(nats)
      const count = clients / SERVERS
      const before = await nats.totals()
      const watch = new Watch(crowd, log)
      const join = (i: number) =>
        ({ url: urls[i] ?? '', first: i * count, count, topics, maxPeers: 4, perSecond: 33 }) satisfies ScaleCrowd
      await Promise.all(crowd.map((worker, i) => worker.call('join', join(i))))
      const found = await watch.until(({ connected, found: known }) => connected === clients && known === clients)
      await sleep(isQuick ? 1000 : 5000)
      const joins = difference(before, await nats.totals())
      log(`  all have found a peer after ${figure(found)} s`)
      const full = await atRest(nats)
      const states = await Promise.all(servers.map((server) => server.call<FleetServerState>('state')))
      const dialled = states.reduce((sum, state) => sum + state.dialled, 0)
      return figuresOf({ clients, found, joins, empty, full, dialled })
    })
  } finally {
    nats.end()
  }
}

/** What the broker carries in a second while nobody comes or goes. */
async function atRest(nats: Nats): Promise<BrokerTotals> {
  const before = await nats.totals()
  await sleep(REST_MS)
  const { in: received, inBytes, out, outBytes } = difference(before, await nats.totals())
  const perSecond = (value: number) => value / (REST_MS / 1000)
  return { in: perSecond(received), out: perSecond(out), inBytes: perSecond(inBytes), outBytes: perSecond(outBytes) }
}

function difference(before: BrokerTotals, after: BrokerTotals): BrokerTotals {
  return {
    in: after.in - before.in,
    out: after.out - before.out,
    inBytes: after.inBytes - before.inBytes,
    outBytes: after.outBytes - before.outBytes
  }
}

interface CrowdResult {
  clients: number
  found: number
  dialled: number
  joins: BrokerTotals
  empty: BrokerTotals
  full: BrokerTotals
}

function figuresOf({ clients, dialled, empty, found, full, joins }: CrowdResult): Crowd {
  return {
    clients: ['', clients],
    'until all know a peer': ['s', found],
    'connections between servers': ['', dialled],
    'messages to the broker, each join': ['', joins.in / clients],
    'messages from the broker, each join': ['', joins.out / clients],
    'bytes to the broker, each join': ['', joins.inBytes / clients],
    'bytes from the broker, each join': ['', joins.outBytes / clients],
    'messages to the broker at rest, empty': ['per s', empty.in],
    'messages to the broker at rest, full': ['per s', full.in],
    'messages from the broker at rest, full': ['per s', full.out],
    'bytes to the broker at rest, full': ['per s', full.inBytes],
    'bytes from the broker at rest, full': ['per s', full.outBytes]
  }
}

function toOutcome({ isQuick }: RunOptions, meetings: Samples, transfers: Transfers, crowd: Crowd): Outcome {
  const quantileOf = (q: number) =>
    Object.fromEntries(Object.entries(meetings).map(([way, times]) => [way, [quantile(times, q)]]))
  const p99 = quantile(meetings['two servers, fleet'] ?? [], 0.99)
  const measures: Measure[] = [
    { name: 'time to meet, p50', unit: 'ms', samples: quantileOf(0.5) },
    { name: 'time to meet, p99', unit: 'ms', samples: quantileOf(0.99) },
    { name: 'throughput', unit: 'MB/s', samples: transfers.rate },
    { name: 'CPU for each GB, servers and clients', unit: 's', samples: transfers.allCpu },
    { name: 'CPU for each GB, the busiest of them', unit: 's', samples: transfers.mostCpu },
    ...Object.entries(crowd).map(([name, [unit, value]]) => ({ name, unit, samples: { [FLEET]: [value] } }))
  ]
  return {
    measures,
    targets: [
      {
        text: 'clients of two servers meet within a second (p99)',
        isReached: p99 < MAX_P99_MS,
        found: `${figure(p99)} ms`
      },
      partOfOne(transfers)
    ],
    notes: [
      'Each server, the broker (nats-server) and the clients are processes of one machine with few cores, which they share.',
      "Time to meet: from the second client's join until both have the connection; the first one is on the topic already.",
      'Throughput: measured after twice as many bytes, in which the code of all processes is compiled.',
      'Through the DHT: two servers without a fleet, on a private DHT without any round-trip time; on the internet it takes seconds.',
      `The crowd: clients at three servers, on topics of ten, each connected to at most 4 others${isQuick ? '' : ', 100 joining per second at most'}.`,
      'Messages from the broker include those that a server gets back of its own.'
    ]
  }
}

function partOfOne({ allCpu, mostCpu, rate }: Transfers): Target {
  const ratio = (samples: Samples) => median(samples['two servers, fleet'] ?? []) / median(samples['one server'] ?? [])
  const byCpu = `${figure(1 / ratio(allCpu))} if all share the cores, ${figure(1 / ratio(mostCpu))} with a core for each`
  return {
    text: `between two servers at least ${MIN_PART} of the throughput of one`,
    isReached: ratio(rate) >= MIN_PART,
    found: `${figure(ratio(rate))}; by CPU time ${byCpu}`
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}
