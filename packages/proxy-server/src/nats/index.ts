/**
 * Fleets of proxy servers over NATS. Install the optional package `@nats-io/transport-node` beside this one.
 *
 * @module
 */
import { createRequire } from 'node:module'
import type { FleetOptions } from '../fleet/options.js'
import { type BrokerPresenceOptions, brokerPresence } from '../fleet/presence/broker-presence.js'
import { NatsBroker, type NatsConnect, type NatsOptions } from './nats-broker.js'

export { NatsBroker, type NatsConnect, type NatsConnection, type NatsInfo, type NatsOptions } from './nats-broker.js'

interface NatsClient {
  readonly connect: NatsConnect
  credsAuthenticator(creds: Uint8Array): unknown
}

/** Options of {@link nats}. */
export interface NatsFleetOptions extends Omit<FleetOptions, 'presence'>, BrokerPresenceOptions {
  /**
   * NATS servers, such as `nats://host:4222`, `nats://user:password@host`, `nats://token@host`, or `tls://host`. The first
   * that answers is used.
   */
  servers: string | readonly string[]
  /** The contents of a file of NATS credentials (`.creds`). Default: none. */
  creds?: Uint8Array | undefined
  /** Further options of the NATS client: certificates and the like. Default: none. */
  connection?: Omit<NatsOptions, 'servers'> | undefined
}

/**
 * The option `fleet` of a `ProxyServer`, with NATS to tell the servers of each other. Each server needs options of its own.
 * @throws Error if `@nats-io/transport-node` is not installed
 * @throws TypeError for a bad server
 */
export function nats(options: NatsFleetOptions): FleetOptions {
  const { connection, creds, leaseMs, prefix, servers, ...fleet } = options
  const { connect, credsAuthenticator } = loadClient()
  const authenticator = creds === undefined ? {} : { authenticator: credsAuthenticator(creds) }
  const given = typeof servers === 'string' ? servers : [...servers]
  const client = { name: `swarmway ${fleet.name}`, ...authenticator, ...connection, servers: given }
  const broker = new NatsBroker(connect, client)
  const own = { ...(leaseMs !== undefined && { leaseMs }), ...(prefix !== undefined && { prefix }) }
  return { ...fleet, presence: brokerPresence(broker, own) }
}

/** Not by import: the package is optional, and a caller without it hears so at once. */
function loadClient(): NatsClient {
  const require = createRequire(import.meta.url)
  try {
    return require('@nats-io/transport-node') as NatsClient
  } catch (cause) {
    throw new Error('A fleet over NATS needs the package @nats-io/transport-node: install it.', { cause })
  }
}
