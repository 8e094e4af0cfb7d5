import type { TabDialParams } from '../browser/peer.ts'
import type { Benchmark, Outcome, Target } from '../lib/benchmark.ts'
import type { Address } from '../lib/modules.ts'
import { withProxyLab } from '../lib/proxy-lab.ts'
import { figure } from '../lib/report.ts'
import { alternate, type Figures, type Samples } from '../lib/rounds.ts'
import { median } from '../lib/stats.ts'
import { chromiumVersion, type Tab, withTab } from '../lib/tab.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { ProxyServerParams, ProxyServerPlace } from '../workers/proxy-server.ts'

const OURS = 'tab'
const JAVASCRIPT = 'tab, without WebAssembly'
const NODE = 'Node'
const SYSTEMS = [OURS, JAVASCRIPT, NODE] as const
type System = (typeof SYSTEMS)[number]

const DOWN = 'native to client'
const UP = 'client to native'
const DHT_NODES = 4

/** Either end of the connection: a process or a tab. */
type End = Pick<Worker, 'call'>

/** The whole way between a native peer and a tab. */
export const browserPath: Benchmark = {
  name: 'browser-path',
  title: 'Transfer between a native peer and a browser tab',
  async run(options) {
    const bytes = (options.isQuick ? 8 : 48) * 2 ** 20
    const rounds = options.rounds ?? (options.isQuick ? 1 : 5)
    const samples = await alternate(SYSTEMS, rounds, options, (system) => measure(system, bytes))
    return toOutcome(samples, bytes, await chromiumVersion())
  }
}

function measure(system: System, bytes: number): Promise<Figures> {
  if (system === NODE) return withProxyLab('swarmway', ({ client, native }) => transferBothWays(native, client, bytes))
  return withTab('peer', { hasWebAssembly: system === OURS }, async (tab) => {
    if ((await tab.call<boolean>('hasten')) !== (system === OURS))
      throw new Error('this is not the crypto that was asked for')
    return withNativePeer(tab, (native) => transferBothWays(native, tab, bytes))
  })
}

/** Runs `use` with a native peer that has a connection to the tab, through a server. */
async function withNativePeer<Result>(tab: Tab, use: (native: Worker) => Promise<Result>): Promise<Result> {
  const [native, server, dht] = [new Worker('proxy-native'), new Worker('proxy-server'), new Worker('dht')]
  return withWorkers([native, server, dht], async () => {
    const bootstrap = await dht.call<Address[]>('start', { nodes: DHT_NODES })
    const publicKey = await native.call<string>('listen', { bootstrap })
    const params = { system: 'swarmway', bootstrap } satisfies ProxyServerParams
    const { url } = await server.call<ProxyServerPlace>('start', params)
    await tab.call('dial', { url, publicKey } satisfies TabDialParams)
    await native.call('connected')
    return use(native)
  })
}

async function transferBothWays(native: End, client: End, bytes: number): Promise<Figures> {
  return { [DOWN]: await transfer(native, client, bytes), [UP]: await transfer(client, native, bytes) }
}

/** MB/s. */
async function transfer(from: End, to: End, bytes: number): Promise<number> {
  await to.call('expect', { bytes })
  await from.call('send', { bytes })
  return bytes / 1e6 / ((await to.call<number>('received')) / 1000)
}

function toOutcome(samples: Samples, bytes: number, chromium: string): Outcome {
  return {
    measures: Object.entries(samples).map(([name, bySystem]) => ({ name, unit: 'MB/s', samples: bySystem })),
    targets: [DOWN, UP].map((way) => faster(samples, way)),
    notes: [
      `${bytes / 2 ** 20} MiB in chunks of 64 KiB on one connection, first one way, then the other, encrypted end to end. Native peer, server and client are processes of their own, Chromium is several; they share the machine's cores. The link is a WebSocket.`,
      `Chromium ${chromium}. The client in Node is the same with native sodium.`
    ]
  }
}

/** Ratios are of the medians. */
function faster(samples: Samples, way: string): Target {
  const of = (system: System) => median(samples[way]?.[system] ?? [])
  const ratio = of(OURS) / of(JAVASCRIPT)
  return {
    text: `${way}: faster than without WebAssembly`,
    isReached: ratio > 1,
    found: `${figure(ratio)} times`
  }
}
