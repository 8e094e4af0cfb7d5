/** For the benchmarks' process: sets up native peer, server and client of a system, each in a process of its own. */

import type { ProxyDialParams } from '../workers/proxy-client.ts'
import type { ProxyServerParams, ProxyServerPlace } from '../workers/proxy-server.ts'
import type { Address } from './modules.ts'
import type { ProxySystem } from './proxy-modules.ts'
import { Worker, withWorkers } from './worker.ts'

const DHT_NODES = 4

/** tsx keeps the name of every closure, which costs each of them memory and time; built packages know nothing of it. */
const SUBJECT = process.execArgv.includes('--conditions=@swarmway/source')
  ? "Swarmway runs from its sources through tsx, which costs it some: for the figures of what is published run `pnpm build`, then `npx tsx bench/main.ts` with the benchmark's name."
  : 'Swarmway runs as published: from its built packages.'

/** Said by every benchmark of the proxy. */
export const PROXY_NOTES = [
  SUBJECT,
  'dht-relay is @hyperswarm/dht-relay 0.4.3 with a client that keeps its key (custodial: false), on the same hyperdht as Swarmway.',
  'Its compact-encoding is held at 2.15.0: dht-relay encodes an object as an array, which later ones refuse, and then its clients can neither listen nor announce.'
]

/** The processes of one round. The native peer has a connection to the client. */
export interface ProxyLab {
  readonly native: Worker
  /** Null for the direct connection. */
  readonly server: Worker | null
  readonly client: Worker
}

/** Runs `use` with native peer, server and client of a system, connected. */
export async function withProxyLab<Result>(
  system: ProxySystem,
  use: (lab: ProxyLab) => Promise<Result>
): Promise<Result> {
  const [native, client] = [new Worker('proxy-native'), new Worker('proxy-client')]
  const server = system === 'direct' ? null : new Worker('proxy-server')
  const dht = system === 'bare pipe' ? null : new Worker('dht')
  const workers = [native, client, server, dht].filter((worker) => worker !== null)
  return withWorkers(workers, async () => {
    const lab = { native, server, client }
    if (dht === null) await connectPipe(lab)
    else await connectThroughDht(system, lab, await dht.call<Address[]>('start', { nodes: DHT_NODES }))
    return use(lab)
  })
}

async function connectThroughDht(system: ProxySystem, lab: ProxyLab, bootstrap: Address[]): Promise<void> {
  const publicKey = await lab.native.call<string>('listen', { bootstrap })
  const params = { system, bootstrap } satisfies ProxyServerParams
  const url = (await lab.server?.call<ProxyServerPlace>('start', params))?.url ?? ''
  await lab.client.call('dial', { system, bootstrap, publicKey, url } satisfies ProxyDialParams)
  await lab.native.call('connected')
}

async function connectPipe({ client, native, server }: ProxyLab): Promise<void> {
  const system = 'bare pipe'
  const params = { system, bootstrap: [], pipePort: await native.call<number>('bindPipe') } satisfies ProxyServerParams
  const place = await server?.call<ProxyServerPlace>('start', params)
  await native.call('connectPipe', { port: place?.pipePort ?? 0 })
  await client.call('dial', { system, bootstrap: [], publicKey: '', url: place?.url ?? '' } satisfies ProxyDialParams)
}
