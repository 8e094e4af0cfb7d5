import { randomBytes } from 'node:crypto'
import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { PROXY_NOTES } from '../lib/proxy-lab.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { CrowdSystem, FoundTimes } from '../workers/proxy-crowd.ts'
import type { ProxyServerParams, ProxyServerPlace } from '../workers/proxy-server.ts'

const SYSTEMS: readonly CrowdSystem[] = ['swarmway', 'dht-relay']
const DHT_NODES = 24
const WINDOW_MS = 120_000
const MAX_RATIO = 0.1

/** Many clients of one server that look the same topic up at the same moment. */
export const proxyCrowd: Benchmark = {
  name: 'proxy-crowd',
  title: 'Many clients of one server look for a peer on one topic',
  async run(options) {
    const count = options.isQuick ? 50 : 500
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => round(system, count))
    return toOutcome(samples, count)
  }
}

async function round(system: CrowdSystem, count: number): Promise<Figures> {
  const topic = randomBytes(32).toString('hex')
  const [dht, native] = [new Worker('dht'), new Worker('proxy-native')]
  const [server, crowd] = [new Worker('proxy-server'), new Worker('proxy-crowd')]
  return withWorkers([dht, native, server, crowd], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    await native.call('listen', { bootstrap, topic })
    const params = { system, bootstrap } satisfies ProxyServerParams
    const { url } = await server.call<ProxyServerPlace>('start', params)
    const times = await crowd.call<FoundTimes>('find', { system, url, count, topic, windowMs: WINDOW_MS })
    const at = (index: number) => (times[index - 1] ?? Number.POSITIVE_INFINITY) / 1000
    return { first: at(1), half: at(Math.ceil(count / 2)), [allOf(count)]: at(count) }
  })
}

function toOutcome(samples: Samples, count: number): Outcome {
  const of = (system: CrowdSystem) => median(samples[allOf(count)]?.[system] ?? [])
  const ratio = of('swarmway') / of('dht-relay')
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: 's', samples: bySystem })),
    targets: [
      {
        text: `all ${count} in at most ${MAX_RATIO} times dht-relay's time`,
        isReached: ratio <= MAX_RATIO,
        found: `${figure(ratio)} times`
      }
    ],
    notes: [
      `${count} clients in one process open a WebSocket each and look up a topic on which one native peer is announced; time runs from the first WebSocket to the moment at which a client knows the peer. A Swarmway client joins the topic as a client, and dials the peer as well; a dht-relay client only looks it up.`,
      `The DHT has ${DHT_NODES} nodes. "never" means not within ${WINDOW_MS / 1000} s.`,
      ...PROXY_NOTES
    ]
  }
}

function allOf(count: number): string {
  return `all ${count}`
}
