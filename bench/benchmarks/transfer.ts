import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { randomTopic, SYSTEMS, type System } from '../lib/swarms.ts'
import { Worker, withWorkers } from '../lib/worker.ts'

const RATE = 'throughput'
const TOLERANCE = 0.05

/** (e) Transfer on one connection. */
export const transfer: Benchmark = {
  name: 'transfer',
  title: 'Transfer on one connection between two processes',
  async run(options) {
    const bytes = (options.isQuick ? 32 : 512) * 2 ** 20
    const rounds = options.rounds ?? (options.isQuick ? 1 : 5)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => round(system, bytes))
    return toOutcome(samples, bytes)
  }
}

async function round(system: System, bytes: number): Promise<Figures> {
  const topic = Buffer.from(randomTopic()).toString('hex')
  const [dht, sender, receiver] = [new Worker('dht'), new Worker('transfer'), new Worker('transfer')]
  return withWorkers([dht, sender, receiver], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: 4 })
    await receiver.call('start', { system, bootstrap, topic, isServer: true })
    await sender.call('start', { system, bootstrap, topic, isServer: false })
    const received = receiver.call<number>('receive', { bytes })
    await sender.call('send', { bytes })
    return { [RATE]: bytes / 1e6 / ((await received) / 1000) }
  })
}

function toOutcome(samples: Samples, bytes: number): Outcome {
  const bySystem = samples[RATE] ?? {}
  const ratio = median(bySystem['swarmway'] ?? []) / median(bySystem['hyperswarm'] ?? [])
  return {
    measures: [{ name: RATE, unit: 'MB/s', samples: bySystem }],
    targets: [
      {
        text: `within ${TOLERANCE * 100} % of hyperswarm, or faster`,
        isReached: ratio >= 1 - TOLERANCE,
        found: `${figure(ratio)} times`
      }
    ],
    notes: [
      `${bytes / 2 ** 20} MiB in chunks of 64 KiB, from the peer that dialled to the one that accepted, each in a process of its own.`,
      'Both systems use the same transport, so this shows that nothing is in its way.'
    ]
  }
}
