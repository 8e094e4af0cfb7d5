import { setTimeout as sleep } from 'node:timers/promises'
import type { DirectTabParams } from '../browser/direct.ts'
import type { Benchmark, Outcome, RunOptions, Target } from '../lib/benchmark.ts'
import { browserCpu } from '../lib/browser-cpu.ts'
import type { Address } from '../lib/modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { chromiumVersion, type Tab, withTabs } from '../lib/tab.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { ProxyServerParams, ProxyServerPlace } from '../workers/proxy-server.ts'

const PLAIN = 'data channel'
const DIRECT = 'direct'
const WORKER = 'direct, in workers'
const SHARED_WORKER = 'direct, in shared workers'
const PROXIED = 'proxied'
const NATIVE_DIRECT = 'native, direct'
const NATIVE_PROXIED = 'native, proxied'
const SYSTEMS = [PLAIN, DIRECT, WORKER, SHARED_WORKER, PROXIED, NATIVE_DIRECT, NATIVE_PROXIED] as const
type System = (typeof SYSTEMS)[number]

const OPENING = 'direct after'
const THROUGHPUT = 'throughput'
const ROUND_TRIP = 'round trip, p50'
const BROWSER_CPU = "browser's CPU"
const SERVER_CPU = "server's CPU"
const SERVER_BYTES = "server's bytes"
const UNITS: Readonly<Record<string, string>> = {
  [OPENING]: 'ms',
  [THROUGHPUT]: 'MB/s',
  [ROUND_TRIP]: 'ms',
  [BROWSER_CPU]: 's/GB',
  [SERVER_CPU]: 's/GB',
  [SERVER_BYTES]: '% of the data'
}

/** How soon there is to be a direct path, how much of a plain channel's throughput it has, and what may pass the server. */
const MAX_OPENING_MS = 2000
const MIN_SHARE = 0.9
const MAX_SERVER_PERCENT = 1
const DHT_NODES = 4
const WARM_UP = 300
const UPGRADE_TRIES = 200

// Tabs of one machine reach each other by its own addresses only.
const ARGS = ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns']

/** Either end of the connection: a process or a tab. */
type End = Pick<Worker, 'call'>

interface Lab {
  readonly ends: readonly [End, End]
  /** Null for the plain data channel. */
  readonly server: Worker | null
}

interface Sizes {
  readonly bytes: number
  readonly count: number
}

/** Tabs that talk to each other directly, and to a native peer, beside the proxied way and a plain data channel. */
export const directPaths: Benchmark = {
  name: 'direct-paths',
  title: 'Direct paths of browser tabs',
  async run(options) {
    const sizes = { bytes: (options.isQuick ? 16 : 64) * 2 ** 20, count: options.isQuick ? 200 : 1000 }
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => measure(system, sizes, options))
    return toOutcome(samples, sizes, await chromiumVersion())
  }
}

function measure(system: System, sizes: Sizes, { log }: RunOptions): Promise<Figures> {
  const isNative = system === NATIVE_DIRECT || system === NATIVE_PROXIED
  return withTabs('direct', isNative ? 1 : 2, { hasWebAssembly: true, args: ARGS }, async ([tab, other]) => {
    if (system === PLAIN) return take(await meetPlainly(tab as Tab, other as Tab), sizes)
    const [server, dht] = [new Worker('proxy-server'), new Worker('dht')]
    const native = isNative ? new Worker('direct-native') : null
    return withWorkers([server, dht, ...(native === null ? [] : [native])], async () => {
      const isDirect = system !== PROXIED && system !== NATIVE_PROXIED
      const ends = [native ?? (other as Tab), tab as Tab] as const
      await meet(ends, native, {
        isDirect,
        place: placeOf(system),
        bootstrap: await dht.call<Address[]>('start', { nodes: DHT_NODES }),
        server
      })
      log(`${system}: connected`)
      const opening: Figures = isDirect ? { [OPENING]: await (tab as Tab).call<number>('directAfter') } : {}
      return { ...opening, ...(await take({ ends, server }, sizes)) }
    })
  })
}

function placeOf(system: System): DirectTabParams['place'] {
  if (system === WORKER) return 'worker'
  return system === SHARED_WORKER ? 'shared worker' : 'page'
}

/** Connects the two ends, and waits for the direct path if there is to be one. */
async function meet(
  ends: Lab['ends'],
  native: Worker | null,
  {
    bootstrap,
    isDirect,
    place,
    server
  }: { bootstrap: Address[]; isDirect: boolean; place: DirectTabParams['place']; server: Worker }
): Promise<void> {
  const params = { system: 'swarmway', bootstrap } satisfies ProxyServerParams
  const { url } = await server.call<ProxyServerPlace>('start', params)
  const own = { isDirect, place, url } satisfies DirectTabParams
  const listening =
    native === null ? ends[0].call<string>('meet', own) : native.call<string>('listen', { bootstrap, isDirect })
  const publicKey = await listening
  await ends[1].call('meet', { ...own, publicKey } satisfies DirectTabParams)
  await Promise.all(ends.map((end) => end.call('connected')))
  for (
    let tries = 0;
    isDirect && (await Promise.all(ends.map((end) => end.call('path')))).some((path) => path !== DIRECT);
    tries++
  ) {
    if (tries === UPGRADE_TRIES) throw new Error('there is no direct path')
    await sleep(50)
  }
}

async function meetPlainly(one: Tab, other: Tab): Promise<Lab> {
  const offered = await one.call('offer')
  const answered = await other.call('answer', { offered })
  await one.call('accept', { answered })
  await Promise.all([one.call('connected'), other.call('connected')])
  return { ends: [one, other], server: null }
}

async function take({ ends: [from, to], server }: Lab, { bytes, count }: Sizes): Promise<Figures> {
  // A first part for the windows to open, and for the compiler.
  await transfer(from, to, bytes / 4)
  const [before, browserBefore] = [await usageOf(server), browserCpu()]
  const throughput = await transfer(from, to, bytes)
  const [after, browserAfter] = [await usageOf(server), browserCpu()]
  await from.call('echo')
  await to.call('pingPong', { count: WARM_UP })
  const times = (await to.call<number[]>('pingPong', { count })).sort((a, b) => a - b)
  const figures: Figures = { [THROUGHPUT]: throughput, [ROUND_TRIP]: times[Math.floor(times.length / 2)] ?? Number.NaN }
  if (browserBefore !== null && browserAfter !== null)
    figures[BROWSER_CPU] = (browserAfter - browserBefore) / (bytes / 1e9)
  if (before === null || after === null) return figures
  return {
    ...figures,
    [SERVER_CPU]: (after.cpu - before.cpu) / (bytes / 1e9),
    // What is carried once comes in and goes out.
    [SERVER_BYTES]: ((after.bytes - before.bytes) / 2 / bytes) * 100
  }
}

async function usageOf(server: Worker | null): Promise<{ cpu: number; bytes: number } | null> {
  return server && { cpu: await server.call<number>('cpu'), bytes: await server.call<number>('bytes') }
}

/** MB/s. */
async function transfer(from: End, to: End, bytes: number): Promise<number> {
  await to.call('expect', { bytes })
  await from.call('send', { bytes })
  return bytes / 1e6 / ((await to.call<number>('received')) / 1000)
}

function toOutcome(samples: Samples, { bytes, count }: Sizes, chromium: string): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: UNITS[name] ?? '', samples: bySystem })),
    targets: [
      opening(samples, DIRECT),
      opening(samples, NATIVE_DIRECT),
      share(samples, DIRECT),
      share(samples, WORKER),
      share(samples, SHARED_WORKER),
      ...cost(samples),
      serverShare(samples, DIRECT),
      serverShare(samples, NATIVE_DIRECT)
    ],
    notes: [
      `${bytes / 2 ** 20} MiB in chunks of 64 KiB, then ${count} messages of 100 bytes, one after the other, each sent back. All but the first column is encrypted by a secret stream as well. Tabs, native peer and server are processes of their own and share the machine's cores, and nothing delays packets.`,
      '"direct after": from the event of the connection to the event that says it has a direct path, in a tab.',
      '"data channel" is an RTCDataChannel between two tabs as used without a library: messages of 64 KiB, and bufferedAmount. "in workers": the swarms of both tabs are in workers, to which the pages lend their WebRTC: a dedicated worker gets the channel, a shared one each message through a port. "native" is a peer in Node with node-datachannel that sends to a tab; proxied it is a peer on UDP.',
      "The browser's CPU is that of all its processes: of both tabs, or of the one. A busy machine disturbs it less than the throughput.",
      `Chromium ${chromium}.`
    ]
  }
}

function opening(samples: Samples, system: System): Target {
  const ms = median(samples[OPENING]?.[system] ?? [])
  return {
    text: `${system}: at most ${MAX_OPENING_MS} ms from the connection to its direct path`,
    isReached: ms <= MAX_OPENING_MS,
    found: `${figure(ms)} ms`
  }
}

/** Ratios are of the medians. */
function share(samples: Samples, system: System): Target {
  const of = (one: System) => median(samples[THROUGHPUT]?.[one] ?? [])
  const ratio = of(system) / of(PLAIN)
  return {
    text: `${system}: at least ${MIN_SHARE} of the throughput of a plain data channel`,
    isReached: ratio >= MIN_SHARE,
    found: `${figure(ratio)} times`
  }
}

/** What the two tabs need with a direct path, beside what they need with a plain channel; none where it is not known. */
function cost(samples: Samples): Target[] {
  const of = (system: System) => median(samples[BROWSER_CPU]?.[system] ?? [])
  const ratio = of(PLAIN) / of(DIRECT)
  if (!Number.isFinite(ratio)) return []
  return [
    {
      text: `a plain data channel takes at least ${MIN_SHARE} of the processor time that a direct path takes`,
      isReached: ratio >= MIN_SHARE,
      found: `${figure(ratio)} times`
    }
  ]
}

function serverShare(samples: Samples, system: System): Target {
  const percent = median(samples[SERVER_BYTES]?.[system] ?? [])
  return {
    text: `${system}: less than ${MAX_SERVER_PERCENT} % of the data pass the server`,
    isReached: percent < MAX_SERVER_PERCENT,
    found: `${figure(percent)} %`
  }
}
