import type { NodeAddress } from './addresses.js'
import { brokers, clientUrl, names, neighbours, nodes, origins } from './addresses.js'
import { choice, integer, type Kind, milliseconds, optional, path, port, portOrOff, text, toggle } from './kinds.js'
import { type Limits, limits } from './limits.js'

/** Log levels, least verbose first. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** All settings of `swarmway proxy`. */
export interface ProxySettings {
  readonly host: string
  readonly port: number
  readonly path: string | null
  readonly site: boolean
  readonly cert: string | null
  readonly key: string | null
  readonly tokenFile: string | null
  readonly name: string[]
  readonly origins: string[] | null
  readonly behindProxy: string[]
  readonly tcpPort: number | null
  readonly stunPort: number | null
  readonly stunHost: string | null
  readonly adminPort: number | null
  readonly adminHost: string
  readonly status: boolean
  readonly limits: Limits
  readonly bootstrap: NodeAddress[] | null
  readonly dhtHost: string | null
  readonly dhtPort: number | null
  readonly rendezvousOnly: boolean
  readonly allowPrivateAddresses: boolean
  readonly graceMs: number
  readonly drainMs: number
  readonly workers: number
  readonly fleet: string[]
  readonly fleetName: string | null
  readonly fleetSecretFile: string | null
  readonly fleetUrl: string | null
  readonly fleetPort: number
  readonly fleetAddress: string | null
  readonly fleetCreds: string | null
  readonly fleetCa: string | null
  readonly fleetCert: string | null
  readonly fleetKey: string | null
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly logAddresses: boolean
}

/** The name of a setting: as it is in a file, with dashes as a flag, in capitals in the environment. */
export type SettingName = keyof ProxySettings

/** The definition of a setting. */
export interface Definition<T> {
  readonly kind: Kind<T>
  readonly fallback: T
  /** Help text without the default. */
  readonly help: string
}

const MAX_WORKERS = 256

/** Every setting. To add one, add a line here and the code that uses it. */
export const DEFINITIONS: { readonly [Name in SettingName]: Definition<ProxySettings[Name]> } = {
  host: {
    kind: text('address'),
    fallback: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 or :: for all networks'
  },
  port: { kind: port, fallback: 8080, help: 'port for WebSockets and /health; 0 for any free port' },
  path: { kind: optional(urlPath()), fallback: null, help: 'accept WebSockets on this path only, such as /swarm' },
  site: {
    kind: toggle,
    fallback: false,
    help: 'serve a page that receives what "swarmway send" sends, in a browser; the sender prints a link to it'
  },
  cert: { kind: optional(path), fallback: null, help: 'TLS certificate chain (PEM); reloaded when it changes' },
  key: { kind: optional(path), fallback: null, help: 'TLS private key (PEM); reloaded when it changes' },
  tokenFile: {
    kind: optional(path),
    fallback: null,
    help: 'accept only clients whose `auth` is one of the tokens in this file, one per line'
  },
  name: {
    kind: names,
    fallback: [],
    help: 'name by which clients reach this server; key proofs for another name are refused. Set it on public servers'
  },
  origins: {
    kind: optional(origins),
    fallback: null,
    help: 'web origins whose pages may connect, * for all; default all, or those of this machine on a loopback address without --behind-proxy'
  },
  behindProxy: {
    kind: neighbours,
    fallback: [],
    help: 'trust X-Forwarded-For from these neighbours; without a value: from this machine'
  },
  tcpPort: { kind: portOrOff, fallback: null, help: 'also accept raw TCP links on this port, never with TLS' },
  stunPort: {
    kind: portOrOff,
    fallback: null,
    help: 'answer STUN on this UDP port, so that tabs behind NATs find direct paths to each other'
  },
  stunHost: { kind: optional(text('address')), fallback: null, help: 'address of the STUN port (default --host)' },
  adminPort: { kind: portOrOff, fallback: 8081, help: 'port for /metrics and /health' },
  adminHost: { kind: text('address'), fallback: '127.0.0.1', help: 'address of the admin port' },
  status: { kind: toggle, fallback: false, help: 'serve a status page on the admin port' },
  limits: { kind: limits, fallback: {}, help: 'set a limit; the limits are listed below' },
  bootstrap: { kind: optional(nodes), fallback: null, help: 'bootstrap nodes of the DHT (default the public nodes)' },
  dhtHost: { kind: optional(text('address')), fallback: null, help: 'address of the DHT node (default all)' },
  dhtPort: {
    kind: optional(port),
    fallback: null,
    help: 'UDP port of the DHT node (with workers, of the first) (default 49737, or any if taken)'
  },
  rendezvousOnly: {
    kind: toggle,
    fallback: false,
    help: 'no DHT and no UDP: connect only the clients of this server to each other'
  },
  allowPrivateAddresses: {
    kind: toggle,
    fallback: false,
    help: 'let clients reach private addresses, including your own network'
  },
  graceMs: { kind: milliseconds, fallback: 30_000, help: 'how long a client that lost its link may take to resume' },
  drainMs: { kind: milliseconds, fallback: 5000, help: 'how long to wait for open streams and requests when stopping' },
  workers: { kind: integer('n', 1, MAX_WORKERS), fallback: 1, help: 'number of processes that share the port' },
  fleet: {
    kind: brokers,
    fallback: [],
    help: 'NATS servers through which this and other proxy servers act as one; needs the package @nats-io/transport-node'
  },
  fleetName: {
    kind: optional(text('name')),
    fallback: null,
    help: 'name of this server in the fleet (default the host name)'
  },
  fleetSecretFile: {
    kind: optional(path),
    fallback: null,
    help: 'file with a secret that all servers of the fleet have, and the broker does not'
  },
  fleetUrl: {
    kind: optional(clientUrl),
    fallback: null,
    help: 'URL of this server, which the other servers of the fleet tell their clients'
  },
  fleetPort: {
    kind: port,
    fallback: 0,
    help: 'TCP port for links of the other servers (with workers, of the first); 0 for any'
  },
  fleetAddress: {
    kind: optional(text('host[:port]')),
    fallback: null,
    help: 'where the other servers open their links; with workers, a port is that of the first (default the address that the broker sees)'
  },
  fleetCreds: { kind: optional(path), fallback: null, help: 'credentials for NATS (.creds)' },
  fleetCa: { kind: optional(path), fallback: null, help: 'certificates that the NATS server is checked with (PEM)' },
  fleetCert: { kind: optional(path), fallback: null, help: 'client certificate for NATS (PEM)' },
  fleetKey: { kind: optional(path), fallback: null, help: 'private key of the client certificate for NATS (PEM)' },
  logLevel: { kind: choice(LOG_LEVELS), fallback: 'info', help: 'how much to log' },
  logAddresses: { kind: toggle, fallback: false, help: 'log the addresses of clients' }
}

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(DEFINITIONS) as SettingName[]

/** The setting that holds the name of a configuration file. */
export const CONFIG_ENV = 'SWARMWAY_PROXY_CONFIG'

/** tokenFile: --token-file */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** tokenFile: SWARMWAY_PROXY_TOKEN_FILE */
export function envOf(name: string): string {
  return `SWARMWAY_PROXY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

function urlPath(): Kind<string> {
  const kind = text('path')
  const withSlash = (value: string): string => (value.startsWith('/') ? value : `/${value}`)
  return { ...kind, read: (given, folder) => withSlash(kind.read(given, folder)) }
}
