/**
 * The server side of the Swarmway proxy: carries swarms over any duplex, shares discovery among its clients, and
 * connects clients of one server directly.
 *
 * @module
 */

export type { ClientRequest, RawRequest } from './client/client-request.js'
export type { Owner } from './fairness/fair-queue.js'
export type { FleetState, FleetTrouble } from './fleet/fleet-host.js'
export type { FleetLinkState, FleetServerStats, FleetStats } from './fleet/fleet-stats.js'
export type { FleetOptions, PresenceTools } from './fleet/options.js'
export type { Broker, BrokerListener } from './fleet/presence/broker.js'
export { type BrokerPresenceOptions, brokerPresence } from './fleet/presence/broker-presence.js'
export type { ServerKeyPair } from './fleet/presence/envelope.js'
export { MemoryBroker } from './fleet/presence/memory-broker.js'
export type {
  FleetServer,
  OwnDescription,
  Presence,
  PresenceChange,
  PresenceListener
} from './fleet/presence/presence.js'
export { type ClientLimits, DEFAULT_SERVER_LIMITS, type ServerLimits } from './limits.js'
export type { ProxyServerOptions } from './options.js'
export {
  type ConnectClientsOptions,
  ProxyServer,
  ProxyServer as default,
  type ProxyServerEvents
} from './server.js'
export type { Authenticate, AuthGrant, AuthResult, ClientHello } from './sessions/authenticate.js'
export type { ClientLink } from './sessions/client-link.js'
export type { ClientSession } from './sessions/client-session.js'
export type { AuthDenial } from './sessions/denial.js'
export type { StreamInfo } from './sessions/stream-info.js'
export type { ClientStats } from './stats/client-stats.js'
export type { ServerStats } from './stats/server-stats.js'
export { type StunOptions, StunResponder } from './stun/responder.js'
