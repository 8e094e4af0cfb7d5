import { MAX_AUTH_BYTES, MAX_SERVER_NAME_BYTES, toServerName, verifyLimits } from '@swarmway/proxy-protocol'
import { callApplication } from '@swarmway/runtime'
import { invalidArgument, systemClock, systemWallClock } from '@swarmway/swarm/core'
import b4a from 'b4a'
import type { Connect, ProxyClientOptions, ServerOrder, UplinkSettings } from './options.js'
import { toAuthBytes } from './uplink/links/credentials.js'

/**
 * A client gets a request per node for each announcement it signs, and handshakes from everybody who dials it, so
 * it allows its server more than a server allows it.
 */
const CLIENT_LIMITS = { requestsPerSecond: 20_000, maxRequests: 4096, streamsPerSecond: 5000 }

/** Verifies the options of the link and fills in the defaults. Throws a `TypeError` that names the first bad option. */
export function settleUplink(options: ProxyClientOptions): UplinkSettings {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
  const { userAgent = 'swarmway' } = options
  if (typeof userAgent !== 'string') throw invalidArgument('userAgent', 'a string', userAgent)
  verifyLimits(options.limits)
  return {
    connects: connectsOf(options),
    serverOrder: serverOrderOf(options.serverOrder),
    fleet: fleetOf(options.fleet),
    reconnects: options.connection === undefined,
    serverName: serverNameOf(options.serverName),
    auth: authOf(options.auth),
    userAgent,
    reconnectMinMs: duration(options, 'reconnectMinMs', 250),
    reconnectMaxMs: duration(options, 'reconnectMaxMs', 30_000),
    connectTimeoutMs: duration(options, 'connectTimeoutMs', 10_000),
    limits: { ...CLIENT_LIMITS, ...options.limits },
    clock: options.clock ?? systemClock,
    wallClock: options.wallClock ?? systemWallClock,
    random: () => callApplication(options.random ?? Math.random, Math.random)
  }
}

/** A number of milliseconds, 0 or more. */
export function duration(options: ProxyClientOptions, name: keyof ProxyClientOptions, defaultMs: number): number {
  const value = options[name] ?? defaultMs
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw invalidArgument(name, 'a finite number of milliseconds, 0 or more', value)
}

function connectsOf({ connect, connection }: ProxyClientOptions): readonly Connect[] {
  if (connection !== undefined) {
    if (connect !== undefined) throw invalidArgument('connection', 'left out when connect is given', connection)
    if (connection === null) return []
    if (typeof connection?.write !== 'function') throw invalidArgument('connection', 'a duplex stream', connection)
    // A function `auth` may take its time until a link listens.
    connection.on('error', ignore)
    return [() => connection]
  }
  const connects = typeof connect === 'function' ? [connect] : (connect ?? [])
  const isValid = connects.length > 0 && connects.every((open) => typeof open === 'function')
  if (!isValid) throw invalidArgument('connect', 'a function that opens a duplex, or an array of them', connect)
  return connects
}

function serverOrderOf(order: ServerOrder = 'shuffle'): ServerOrder {
  if (['shuffle', 'listed', 'nearest'].includes(order)) return order
  throw invalidArgument('serverOrder', "'shuffle', 'listed' or 'nearest'", order)
}

function fleetOf(fleet: ProxyClientOptions['fleet']): UplinkSettings['fleet'] {
  if (fleet === undefined || typeof fleet === 'function') return fleet ?? null
  throw invalidArgument('fleet', 'a function that takes a URL, such as websocket', fleet)
}

function serverNameOf(name: string = ''): string {
  const isName = typeof name === 'string' && !/[\s/@]/.test(name) && b4a.byteLength(name) <= MAX_SERVER_NAME_BYTES
  if (isName) return toServerName(name)
  throw invalidArgument('serverName', 'a name such as proxy.example or proxy.example:8443', name)
}

function authOf(auth: ProxyClientOptions['auth']): UplinkSettings['auth'] {
  const settled = typeof auth === 'function' ? auth : toAuthBytes(auth)
  if (settled !== null) return settled
  throw invalidArgument('auth', `a string or Uint8Array of at most ${MAX_AUTH_BYTES} bytes, or a function`, auth)
}

function ignore(): void {}
