import { type Clock, systemClock, toServerName } from '@swarmway/proxy-protocol'
import { assertOptions, badOption, verifyType } from '@swarmway/runtime'
import { verifyBindHost, verifyBootstrap } from '@swarmway/swarm/hyperdht'
import type { DhtAddress } from './dht/hyperdht.js'
import { type FleetOptions, verifyFleet } from './fleet/options.js'
import { DEFAULT_SERVER_LIMITS, type ServerLimits, settleLimits } from './limits.js'
import type { Authenticate } from './sessions/authenticate.js'

/** Options of a `ProxyServer`. */
export interface ProxyServerOptions {
  /**
   * A HyperDHT instance to use; it is borrowed, and `destroy` leaves it running. Null: none; the server only connects
   * its own clients and opens no UDP socket. Default: a new one, created with `bootstrap`, `host` and `port`.
   */
  dht?: object | null
  /**
   * Whether `destroy` destroys the given `dht` too, unless a swarm or another server still uses it. If it is not given, a
   * node that nobody uses any more is suspended once the process seems to wait for nothing else, which ends it, with the
   * process warning `SWARMWAY_DHT_LEFT_OPEN`; false leaves it alone. Default: not given.
   */
  ownsDht?: boolean | undefined
  /**
   * Bootstrap nodes of the server's own DHT node, each an IPv4 address or host name and a port from 1 to 65535, as
   * `host:port`, `suggested-ip@host:port` or `{ host, port }`. Default: those of the public DHT.
   */
  bootstrap?: (DhtAddress | string)[]
  /** IP address to bind the server's own DHT node to. Default: all. */
  host?: string
  /** UDP port of the server's own DHT node. Default: HyperDHT's 49737, or any if that is taken. */
  port?: number
  /** Limits to override; see {@link ServerLimits}. Default: none. */
  limits?: Partial<ServerLimits>
  /** Decides which clients are admitted. Default: all. */
  authenticate?: Authenticate
  /** Milliseconds that a session stays alive without a link, so that its client can resume it; default 30,000. */
  graceMs?: number
  /**
   * Milliseconds for which the results of an ended lookup answer further lookups of the topic; default 500; 0: never.
   * For ten more seconds, its peers are reported at once to clients that wait for the next lookup.
   */
  lookupCacheMs?: number
  /** Milliseconds that `destroy` waits for work in progress; default 2000. */
  drainMs?: number
  /**
   * Lets clients reach private addresses (RFC 1918, loopback and the like), and so the server's own network. Default
   * false. A DHT whose bootstrap nodes all have private addresses works without this option; private addresses named
   * by clients are then still ignored, and peers are found by their keys.
   */
  allowPrivateAddresses?: boolean
  /** Whether clients of this server find each other and connect directly on it; default true. */
  connectClients?: boolean
  /**
   * Other servers whose clients this server's clients meet as if they were here: see {@link FleetOptions}, and `nats` of
   * `@swarmway/proxy-server/nats`. Needs `connectClients`. Default: none.
   */
  fleet?: FleetOptions | undefined
  /**
   * The names by which clients know this server: host, or host:port if the port is not 80 or 443. A client that
   * proves that it holds a key signs such a name, and the server accepts only proofs that name it. Without this
   * option, a proof that names a server must name the `host` passed to `handleStream`, if any. Default: none.
   */
  names?: readonly string[]
  /**
   * A UDP port of this host at which a {@link StunResponder} answers. Clients are told, and ask it for their own addresses
   * when they open direct paths. Default: none.
   */
  stunPort?: number
  /** The server's own public keys, which are not reported to clients when a lookup finds them. Default: none. */
  ownKeys?: readonly Uint8Array[]
  /** Clock; default the platform's. */
  clock?: Clock
}

/** Options with all defaults filled in. */
export interface Settings {
  readonly limits: ServerLimits
  readonly graceMs: number
  readonly lookupCacheMs: number
  readonly drainMs: number
  readonly allowPrivateAddresses: boolean
  readonly connectClients: boolean
  readonly fleet: FleetOptions | null
  readonly ownKeys: readonly Uint8Array[]
  readonly names: readonly string[]
  readonly stunPort: number | null
  readonly clock: Clock
}

const MAX_MS = 0x7fffffff

/** Fills in defaults. @throws TypeError that names the first bad option */
export function settle(options: ProxyServerOptions): Settings {
  assertOptions(options)
  verifyPlaces(options)
  verifyBootstrap(options.bootstrap)
  verifyBindHost(options.host)
  verifyDht(options)
  verifyType(options, 'limits', 'object')
  verifyType(options, 'authenticate', 'function')
  verifyType(options, 'allowPrivateAddresses', 'boolean')
  verifyType(options, 'connectClients', 'boolean')
  verifyType(options, 'ownsDht', 'boolean')
  const fleet = verifyFleet(options.fleet)
  if (fleet !== null && options.connectClients === false) throw badOption('fleet needs connectClients')
  return {
    fleet,
    ownKeys: ownKeys(options),
    names: names(options),
    stunPort: stunPort(options),
    limits: settleLimits(options.limits),
    graceMs: duration(options, 'graceMs', 30_000),
    lookupCacheMs: duration(options, 'lookupCacheMs', 500),
    drainMs: duration(options, 'drainMs', 2000),
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
    connectClients: options.connectClients ?? true,
    clock: options.clock ?? systemClock
  }
}

function ownKeys({ ownKeys: keys = [] }: ProxyServerOptions): readonly Uint8Array[] {
  const isKey = (key: unknown): boolean => key instanceof Uint8Array && key.byteLength === 32
  if (Array.isArray(keys) && keys.every(isKey)) return [...keys]
  throw badOption('ownKeys must be an array of public keys, each a Uint8Array of 32 bytes')
}

function names({ names: given = [] }: ProxyServerOptions): readonly string[] {
  const isName = (name: unknown): boolean => typeof name === 'string' && /^[^\s/@]+$/.test(name)
  if (Array.isArray(given) && given.every(isName)) return given.map(toServerName)
  throw badOption('names must be an array of names such as proxy.example or proxy.example:8443')
}

function stunPort({ stunPort: port }: ProxyServerOptions): number | null {
  if (port === undefined) return null
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw badOption('stunPort must be a port number from 1 to 65535')
}

/** A limit that is given beside `limits` would limit nothing. */
function verifyPlaces(options: ProxyServerOptions): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const misplaced = given.map(([name]) => name).find((name) => Object.hasOwn(DEFAULT_SERVER_LIMITS, name))
  if (misplaced !== undefined) throw badOption(`${misplaced} must be given in limits: { ${misplaced} }`)
}

function verifyDht({ dht }: ProxyServerOptions): void {
  if (dht === undefined || dht === null || (typeof dht === 'object' && 'connect' in dht && 'createServer' in dht))
    return
  throw badOption('dht must be a HyperDHT instance, or null for none')
}

function duration(
  options: ProxyServerOptions,
  name: 'graceMs' | 'lookupCacheMs' | 'drainMs',
  fallback: number
): number {
  const value = options[name] ?? fallback
  if (typeof value === 'number' && value >= 0 && value <= MAX_MS) return Math.round(value)
  throw badOption(`${name} must be a number of milliseconds from 0 to ${MAX_MS}, not ${String(value)}`)
}
