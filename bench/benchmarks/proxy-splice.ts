import type { Benchmark, Outcome } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { PROXY_NOTES } from '../lib/proxy-lab.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { ProxyDialParams } from '../workers/proxy-client.ts'
import type { ProxyServerParams, ProxyServerPlace } from '../workers/proxy-server.ts'

const SPLICED = 'swarmway, spliced'
const SYSTEMS = [SPLICED, 'swarmway, over UDX', 'swarmway, two servers', 'dht-relay'] as const
type Way = (typeof SYSTEMS)[number]
const DHT_NODES = 4
const RATE = 'throughput'
const CPU = 'CPU of the servers'
const MIN_SPEEDUP = 2

/** Transfer between two clients. */
export const proxySplice: Benchmark = {
  name: 'proxy-splice',
  title: 'Transfer between two clients of one proxy server',
  async run(options) {
    const bytes = (options.isQuick ? 16 : 256) * 2 ** 20
    const rounds = options.rounds ?? (options.isQuick ? 1 : 5)
    const samples = await alternate(SYSTEMS, rounds, options, (way) => round(way, bytes))
    return toOutcome(samples, bytes)
  }
}

async function round(way: Way, bytes: number): Promise<Figures> {
  const system = way === 'dht-relay' ? way : 'swarmway'
  const servers = Array.from({ length: way === 'swarmway, two servers' ? 2 : 1 }, () => new Worker('proxy-server'))
  const [dht, sender, receiver] = [new Worker('dht'), new Worker('proxy-client'), new Worker('proxy-client')]
  return withWorkers([dht, sender, receiver, ...servers], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    const params = { system, bootstrap, connectClients: way === SPLICED } satisfies ProxyServerParams
    const places = await Promise.all(servers.map((server) => server.call<ProxyServerPlace>('start', params)))
    const [first, last] = [places[0]?.url ?? '', places.at(-1)?.url ?? '']
    const publicKey = await receiver.call<string>('listen', { system, url: last })
    await sender.call('dial', { system, bootstrap, publicKey, url: first } satisfies ProxyDialParams)
    await receiver.call('connected')
    return transfer(servers, sender, receiver, bytes)
  })
}

async function transfer(servers: Worker[], sender: Worker, receiver: Worker, bytes: number): Promise<Figures> {
  const before = await cpuOf(servers)
  await receiver.call('expect', { bytes })
  await sender.call('send', { bytes })
  const rate = bytes / 1e6 / ((await receiver.call<number>('received')) / 1000)
  return { [RATE]: rate, [CPU]: ((await cpuOf(servers)) - before) / (bytes / 1e9) }
}

async function cpuOf(servers: Worker[]): Promise<number> {
  const seconds = await Promise.all(servers.map((server) => server.call<number>('cpu')))
  return seconds.reduce((sum, value) => sum + value, 0)
}

function toOutcome(samples: Samples, bytes: number): Outcome {
  const of = (way: Way) => median(samples[RATE]?.[way] ?? [])
  const target = (way: Way, text: string) => {
    const ratio = of(SPLICED) / of(way)
    return { text, isReached: ratio >= MIN_SPEEDUP, found: `${figure(ratio)} times` }
  }
  return {
    measures: [
      { name: RATE, unit: 'MB/s', samples: samples[RATE] ?? {} },
      { name: CPU, unit: 's per GB', samples: samples[CPU] ?? {} }
    ],
    targets: [
      target('swarmway, over UDX', `at least ${MIN_SPEEDUP} times as fast as over UDX on the same server`),
      target('swarmway, two servers', `at least ${MIN_SPEEDUP} times as fast as through two servers`)
    ],
    notes: [
      `${bytes / 2 ** 20} MiB in chunks of 64 KiB from one client to the other, each in a process of its own, as the server is; links are WebSockets.`,
      'Over UDX: the server is told not to connect its clients itself (connectClients: false), so that it sends to and receives from itself by UDP, which is what dht-relay does. Two servers: in processes of their own, with UDX between them.',
      ...PROXY_NOTES
    ]
  }
}
