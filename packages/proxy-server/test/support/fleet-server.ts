import { randomBytes } from 'node:crypto'
import { monotonicMs } from '@swarmway/proxy-protocol'
import type { FleetServer } from '../../src/fleet/presence/presence.js'

/** A server of a fleet that has just described itself, with a key of its own; its id is its name. */
export function fleetServer(id: string, linkAddress = '127.0.0.1:1'): FleetServer {
  const load = { clients: 0, maxClients: 1, topics: 0, isDraining: false }
  return {
    ...load,
    id,
    name: id,
    url: '',
    linkAddress,
    leaseMs: 1,
    heardMs: monotonicMs(0),
    publicKey: randomBytes(32)
  }
}
