import type { Benchmark, Outcome, Target } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { PROXY_NOTES } from '../lib/proxy-lab.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { CrowdSystem } from '../workers/proxy-crowd.ts'
import type { ProxyServerParams, ProxyServerPlace, ServerMemory } from '../workers/proxy-server.ts'

const SYSTEMS: readonly CrowdSystem[] = ['swarmway', 'dht-relay']
const DHT_NODES = 4
/**
 * Clients before the first look at memory, so that what is made once is not counted: the heap's young generation alone
 * grows by tens of megabytes in the first rush.
 */
const WARM_UP = 1000
const MAX_RATIO = 0.5

/** What idle clients and idle streams cost a server. */
export const proxyMemory: Benchmark = {
  name: 'proxy-memory',
  title: 'Memory of a proxy server per idle client and per idle stream',
  async run(options) {
    const count = options.isQuick ? 50 : 2000
    const dials = options.isQuick ? 20 : 100
    const rounds = options.rounds ?? (options.isQuick ? 1 : 3)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => round(system, count, dials))
    return toOutcome(samples, count, dials)
  }
}

async function round(system: CrowdSystem, count: number, dials: number): Promise<Figures> {
  const [dht, native] = [new Worker('dht'), new Worker('proxy-native')]
  const [server, crowd] = [new Worker('proxy-server', ['--expose-gc']), new Worker('proxy-crowd')]
  return withWorkers([dht, native, server, crowd], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    const publicKey = await native.call<string>('listen', { bootstrap })
    const params = { system, bootstrap } satisfies ProxyServerParams
    const { url } = await server.call<ProxyServerPlace>('start', params)
    await crowd.call('connect', { system, url, count: WARM_UP })
    const none = await server.call<ServerMemory>('memory')
    await crowd.call('connect', { system, url, count })
    const clients = await server.call<ServerMemory>('memory')
    const connected = await crowd.call<number>('dial', { publicKey, count: dials })
    const streams = await server.call<ServerMemory>('memory')
    return {
      ...difference('client', none, clients, count),
      ...difference('stream', clients, streams, connected),
      connected
    }
  })
}

function difference(per: string, before: ServerMemory, after: ServerMemory, count: number): Figures {
  const kb = (bytes: number) => bytes / count / 1000
  return {
    [`per ${per}: heap`]: kb(after.heap - before.heap),
    [`per ${per}: outside the heap`]: kb(after.external - before.external),
    [`per ${per}: RSS`]: kb(after.rss - before.rss)
  }
}

function toOutcome(samples: Samples, count: number, dials: number): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({
      name,
      unit: name === 'connected' ? '' : 'kB',
      samples: bySystem
    })),
    targets: [atMost(samples, 'client', 'RSS'), atMost(samples, 'client', 'heap')],
    notes: [
      `${count} clients that have done nothing but connect by WebSocket, after ${WARM_UP} that are not counted; then ${dials} of them dial the same native peer, and the connections are idle.`,
      'Each round in a fresh process, garbage collected, 3 s after the last event. RSS moves in steps of the allocator: read it as a trend.',
      `dht-relay's client throws an uncaught exception when a second DHT node answers its dial; the process with its clients ignores those. "connected" is how many of the ${dials} dials led to a connection within 3 s.`,
      ...PROXY_NOTES
    ]
  }
}

function atMost(samples: Samples, per: string, kind: string): Target {
  const of = (system: CrowdSystem) => median(samples[`per ${per}: ${kind}`]?.[system] ?? [])
  const [ours, theirs] = [of('swarmway'), of('dht-relay')]
  return {
    text: `${kind} per idle ${per} at most ${MAX_RATIO} times dht-relay's`,
    isReached: ours <= theirs * MAX_RATIO,
    found: `${figure(ours)} kB and ${figure(theirs)} kB, ${figure(ours / theirs)} times`
  }
}
