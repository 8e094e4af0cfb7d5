import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import { PROXY_NOTES, type ProxyLab, withProxyLab } from '../lib/proxy-lab.ts'
import type { ProxySystem } from '../lib/proxy-modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'

const SYSTEMS: readonly ProxySystem[] = ['swarmway', 'dht-relay', 'bare pipe', 'direct']
const P50 = 'round trip, p50'
const P99 = 'round trip, p99'
const MAX_TO_RELAY = 1
const MAX_TO_PIPE = 1.3
/** Round trips before the first that counts, for the compiler to warm up. */
const WARM_UP = 1000

/** Round trips of small messages between a client and a native peer. */
export const proxyLatency: Benchmark = {
  name: 'proxy-latency',
  title: 'Round trip of small messages through a proxy server',
  async run(options) {
    const count = options.isQuick ? 200 : 4000
    const rounds = options.rounds ?? (options.isQuick ? 1 : 9)
    const samples = await alternate(SYSTEMS, rounds, options, (system) =>
      withProxyLab(system, (lab) => pingPong(lab, count))
    )
    return toOutcome(samples, count)
  }
}

async function pingPong({ client, native }: ProxyLab, count: number): Promise<Figures> {
  await native.call('echo')
  await client.call('pingPong', { count: WARM_UP })
  const times = await client.call<number[]>('pingPong', { count })
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { [P50]: at(0.5), [P99]: at(0.99) }
}

function toOutcome(samples: Samples, count: number): Outcome {
  const of = (system: ProxySystem) => median(samples[P50]?.[system] ?? [])
  const [toRelay, toPipe] = [of('swarmway') / of('dht-relay'), of('swarmway') / of('bare pipe')]
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: 'ms', samples: bySystem })),
    targets: [
      { text: "p50 no worse than dht-relay's", isReached: toRelay <= MAX_TO_RELAY, found: `${figure(toRelay)} times` },
      {
        text: `p50 at most ${MAX_TO_PIPE} times the bare pipe's`,
        isReached: toPipe <= MAX_TO_PIPE,
        found: `${figure(toPipe)} times`
      }
    ],
    notes: [
      `${count} messages of 100 bytes, one after the other, each sent back by the native peer. Ratios are of the medians of the rounds' p50.`,
      ...PROXY_NOTES
    ]
  }
}
