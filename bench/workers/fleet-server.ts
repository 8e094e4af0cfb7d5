/** A proxy server, alone or of a fleet. */
import { ProxyServer } from '@swarmway/proxy-server'
import { nats } from '@swarmway/proxy-server/nats'
import { listen } from '@swarmway/proxy-server/websocket'
import type { Address } from '../lib/modules.ts'
import { createNode } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const HOST = '127.0.0.1'

/** What to start. */
export interface FleetServerParams {
  /** The URL of the broker; null for a server on its own. */
  broker: string | null
  name: string
  /** Null for a server without a DHT. */
  bootstrap: Address[] | null
}

/** How the server sees its fleet. */
export interface FleetServerState {
  /** Other servers. */
  servers: number
  clients: number
  links: number
  /** Connections to clients of other servers, dialled here. */
  dialled: number
}

let proxy: ProxyServer | null = null

serve({ start, state, cpu })

async function start({ bootstrap, broker, name }: FleetServerParams): Promise<string> {
  const dht = bootstrap === null ? null : await createNode(bootstrap)
  const limits = { maxClients: 10_000, maxClientsPerNetwork: 10_000, maxEventLoopDelayMs: 60_000 }
  const fleet = broker === null ? {} : { fleet: nats({ servers: broker, name }) }
  proxy = new ProxyServer({ dht, allowPrivateAddresses: true, limits, ...fleet })
  const { address } = await listen(proxy, { host: HOST })
  return `ws://${HOST}:${address !== null && typeof address === 'object' ? address.port : 0}`
}

function state(): FleetServerState {
  const { clients = 0, fleet = null } = proxy?.stats ?? {}
  if (fleet === null) return { servers: 0, clients, links: 0, dialled: 0 }
  return { servers: fleet.servers.length, clients, links: fleet.linksOut, dialled: fleet.dialled }
}

/** CPU seconds used so far. */
function cpu(): number {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}
