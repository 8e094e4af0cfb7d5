import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { randomTopic, SYSTEMS, type System } from '../lib/swarms.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { Usage } from '../workers/memory.ts'

const DHT_NODES = 8
/** Connections or topics before the first look at memory, so that what is made once is not counted. */
const WARM_UP = 30
/** Longer than the 10 s for which HyperDHT remembers a handshake. */
const CONNECTION_QUIET_MS = 15_000
/** As long as the re-lookups that follow a join take, and a little longer. */
const TOPIC_QUIET_MS = 40_000

/** (d) Memory per idle connection and per joined topic. */
export const memory: Benchmark = {
  name: 'memory',
  title: 'Memory per idle connection and per joined topic',
  async run(options) {
    const connections = options.isQuick ? 20 : 200
    const topics = options.isQuick ? 30 : 200
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const byConnection = await alternate(SYSTEMS, rounds, options, (system) => connectionRound(system, connections))
    const byTopic = await alternate(SYSTEMS, rounds, options, (system) => topicRound(system, topics))
    return toOutcome({ ...byConnection, ...byTopic }, connections, topics)
  }
}

async function connectionRound(system: System, connections: number): Promise<Figures> {
  const topic = Buffer.from(randomTopic()).toString('hex')
  const [dht, measured, callers] = [new Worker('dht'), measuredWorker(), new Worker('callers')]
  return withWorkers([dht, measured, callers], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    await measured.call('start', { system, bootstrap, topic })
    const connect = async (peers: number, total: number) => {
      await callers.call('call', { system, bootstrap, topic, peers })
      await measured.call('waitForConnections', { count: total })
    }
    await connect(WARM_UP, WARM_UP)
    const before = await measured.call<Usage>('usage', { quietMs: CONNECTION_QUIET_MS })
    await connect(connections, WARM_UP + connections)
    return difference(
      'connection',
      before,
      await measured.call<Usage>('usage', { quietMs: CONNECTION_QUIET_MS }),
      connections
    )
  })
}

async function topicRound(system: System, topics: number): Promise<Figures> {
  const [dht, measured] = [new Worker('dht'), measuredWorker()]
  return withWorkers([dht, measured], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    await measured.call('start', { system, bootstrap, topic: null })
    await measured.call('joinTopics', { count: WARM_UP })
    const before = await measured.call<Usage>('usage', { quietMs: TOPIC_QUIET_MS })
    await measured.call('joinTopics', { count: topics })
    return difference('topic', before, await measured.call<Usage>('usage', { quietMs: TOPIC_QUIET_MS }), topics)
  })
}

function measuredWorker(): Worker {
  // Compiled code and what the engine learns about functions are paid for once, and would be charged to the few hundred
  // that are counted here. So there is no optimised code, and the rest is made at the first call and kept.
  const once = ['--no-opt', '--no-sparkplug', '--no-lazy-feedback-allocation', '--no-flush-bytecode']
  return new Worker('memory', ['--expose-gc', ...once])
}

function difference(per: string, before: Usage, after: Usage, count: number): Figures {
  const kb = (bytes: number) => bytes / count / 1000
  return {
    [`per ${per}: heap`]: kb(after.heap - before.heap),
    [`per ${per}: outside the heap`]: kb(after.external - before.external),
    [`per ${per}: RSS`]: kb(after.rss - before.rss)
  }
}

function toOutcome(samples: Samples, connections: number, topics: number): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: 'kB', samples: bySystem })),
    targets: ['connection', 'topic'].flatMap((per) => [target(samples, per, 'heap'), target(samples, per, 'RSS')]),
    notes: [
      `${connections} connections, accepted from as many swarms of the same system, idle; ${topics} topics, joined as client and server. Both after ${WARM_UP} that are not counted.`,
      'All connections are made in the same way, without hole punching: what that leaves behind differs from round to round.',
      `Each round in a fresh process, ${CONNECTION_QUIET_MS / 1000} s after the last connection and ${TOPIC_QUIET_MS / 1000} s after the last join, garbage collected. RSS moves in steps of the allocator: read it as a trend.`
    ]
  }
}

function target(samples: Samples, per: string, kind: string) {
  const bySystem = samples[`per ${per}: ${kind}`] ?? {}
  const [ours, theirs] = [median(bySystem['swarmway'] ?? []), median(bySystem['hyperswarm'] ?? [])]
  return {
    text: `no more ${kind} per ${per} than hyperswarm`,
    isReached: ours <= theirs,
    found: `${figure(ours)} kB and ${figure(theirs)} kB`
  }
}
