import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { AnnounceParams } from '../workers/announce.ts'

const DHT_NODES = 24
const MAX_RATIO_TO_DHT = 1.5
const MIN_SPEEDUP = 20
const TIME = 'until all are flushed'

/** (b) Many topics announced at once. */
export const announce: Benchmark = {
  name: 'announce',
  title: 'Many topics announced at once by one peer',
  async run(options) {
    const topics = options.isQuick ? 100 : 1000
    const rounds = options.rounds ?? (options.isQuick ? 1 : 5)
    const samples = await alternate(['swarmway', 'dht alone'] as const, rounds, options, (system) =>
      round(system, topics)
    )
    options.log('hyperswarm has one round only: 1,000 topics take it minutes')
    const slow = await alternate(['hyperswarm'] as const, 1, options, (system) => round(system, topics))
    return toOutcome({ [TIME]: { ...samples[TIME], ...slow[TIME] } }, topics)
  }
}

async function round(system: AnnounceParams['system'], topics: number) {
  const [dht, announcer] = [new Worker('dht'), new Worker('announce')]
  const ms = await withWorkers([dht, announcer], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    return announcer.call<number>('run', { system, bootstrap, topics } satisfies AnnounceParams)
  })
  return { [TIME]: ms / 1000 }
}

function toOutcome(samples: Samples, topics: number): Outcome {
  const medianOf = (system: string) => median(samples[TIME]?.[system] ?? [])
  const toDht = medianOf('swarmway') / medianOf('dht alone')
  const speedup = medianOf('hyperswarm') / medianOf('swarmway')
  return {
    measures: [{ name: TIME, unit: 's', samples: samples[TIME] ?? {} }],
    targets: [
      {
        text: `at most ${MAX_RATIO_TO_DHT} times the DHT alone`,
        isReached: toDht <= MAX_RATIO_TO_DHT,
        found: `${figure(toDht)} times`
      },
      {
        text: `at least ${MIN_SPEEDUP} times faster than hyperswarm`,
        isReached: speedup >= MIN_SPEEDUP,
        found: `${figure(speedup)} times`
      }
    ],
    notes: [
      `${topics} topics joined in the same tick as a server only, on a DHT of ${DHT_NODES} nodes in another process.`,
      'The DHT alone announces the same number of topics, 6 of them in flight.',
      `hyperswarm has one round, with the same ${topics} topics.`
    ]
  }
}
