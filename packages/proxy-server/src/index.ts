/**
 * The server side of the Swarmway proxy: carries swarms over any duplex, shares discovery among its clients, and
 * brings clients of one server together directly.
 *
 * @module
 */
export type { Authenticate, AuthGrant, AuthResult, ClientHello } from './authenticate.js'
export type { ClientLink } from './client-link.js'
export type { ClientSession } from './client-session.js'
export type { ClientStats } from './client-stats.js'
export { type ClientLimits, DEFAULT_SERVER_LIMITS, type ServerLimits } from './limits.js'
export type { ProxyServerOptions } from './options.js'
export {
  type ConnectClientsOptions,
  ProxyServer,
  ProxyServer as default,
  type ProxyServerEvents
} from './server.js'
export type { ServerStats } from './server-stats.js'
export type { StreamInfo } from './stream-info.js'
