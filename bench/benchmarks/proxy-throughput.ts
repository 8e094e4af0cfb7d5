import type { Benchmark, Outcome, Target } from '../lib/benchmark.ts'
import { PROXY_NOTES, type ProxyLab, withProxyLab } from '../lib/proxy-lab.ts'
import type { ProxySystem } from '../lib/proxy-modules.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import type { Worker } from '../lib/worker.ts'

const SYSTEMS: readonly ProxySystem[] = ['swarmway', 'dht-relay', 'bare pipe', 'direct']
const DOWN = 'native to client'
const UP = 'client to native'
const CPU = 'CPU of the server'
const MIN_TO_RELAY = 1.25
const MIN_TO_PIPE = 0.85

/** Transfer between a native peer and one behind a server. */
export const proxyThroughput: Benchmark = {
  name: 'proxy-throughput',
  title: 'Transfer through a proxy server',
  async run(options) {
    const bytes = (options.isQuick ? 16 : 256) * 2 ** 20
    const rounds = options.rounds ?? (options.isQuick ? 1 : 7)
    const samples = await alternate(SYSTEMS, rounds, options, (system) =>
      withProxyLab(system, (lab) => transferBothWays(lab, bytes))
    )
    return toOutcome(samples, bytes)
  }
}

async function transferBothWays(lab: ProxyLab, bytes: number): Promise<Figures> {
  const down = await transfer(lab, lab.native, lab.client, bytes)
  const up = await transfer(lab, lab.client, lab.native, bytes)
  return {
    [DOWN]: down.rate,
    [UP]: up.rate,
    ...(lab.server !== null && { [`${CPU}, ${DOWN}`]: down.cpu, [`${CPU}, ${UP}`]: up.cpu })
  }
}

/** MB/s, and CPU seconds of the server per GB. */
async function transfer({ server }: ProxyLab, from: Worker, to: Worker, bytes: number) {
  const cpuBefore = (await server?.call<number>('cpu')) ?? 0
  await to.call('expect', { bytes })
  await from.call('send', { bytes })
  const rate = bytes / 1e6 / ((await to.call<number>('received')) / 1000)
  const cpuAfter = (await server?.call<number>('cpu')) ?? 0
  return { rate, cpu: (cpuAfter - cpuBefore) / (bytes / 1e9) }
}

function toOutcome(samples: Samples, bytes: number): Outcome {
  const measures = Object.entries(samples).map(([name, bySystem]) => ({
    name,
    unit: name.startsWith(CPU) ? 's per GB' : 'MB/s',
    samples: bySystem
  }))
  const targets = [DOWN, UP].flatMap((way) => [
    atLeast(samples, way, 'dht-relay', MIN_TO_RELAY),
    atLeast(samples, way, 'bare pipe', MIN_TO_PIPE)
  ])
  return {
    measures,
    targets,
    notes: [
      `${bytes / 2 ** 20} MiB in chunks of 64 KiB on one connection, first one way, then the other, encrypted end to end by all systems. Native peer, server and client are processes of their own; the link is a WebSocket.`,
      'The bare pipe joins a raw UDX stream to a WebSocket in messages of up to 64 kB, without a protocol and without flow control.',
      ...PROXY_NOTES
    ]
  }
}

/** Ratios are of the medians. */
function atLeast(samples: Samples, way: string, other: ProxySystem, least: number): Target {
  const of = (system: ProxySystem) => median(samples[way]?.[system] ?? [])
  const ratio = of('swarmway') / of(other)
  return {
    text: `${way}: at least ${least} times ${other === 'dht-relay' ? "dht-relay's" : "the bare pipe's"}`,
    isReached: ratio >= least,
    found: `${figure(ratio)} times`
  }
}
