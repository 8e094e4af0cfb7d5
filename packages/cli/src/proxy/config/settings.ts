import type { NodeAddress } from './addresses.js'
import { names, neighbours, nodes, origins } from './addresses.js'
import { choice, integer, type Kind, milliseconds, optional, path, port, portOrOff, text, toggle } from './kinds.js'
import { type Limits, limits } from './limits.js'

/** Levels of the log, least talkative first. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** All that can be set about `swarmway proxy`. */
export interface ProxySettings {
  readonly host: string
  readonly port: number
  readonly path: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly tokenFile: string | null
  readonly name: string[]
  readonly origins: string[] | null
  readonly behindProxy: string[]
  readonly tcpPort: number | null
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
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly logAddresses: boolean
}

/** The name of a setting; the same word in a file, with dashes as a flag, in capitals in the environment. */
export type SettingName = keyof ProxySettings

/** What is known of a setting. */
export interface Definition<T> {
  readonly kind: Kind<T>
  readonly fallback: T
  /** For the help, without the default. */
  readonly help: string
}

const MAX_WORKERS = 256

/** Every setting. A new one needs a line here, and whoever acts on it. */
export const DEFINITIONS: { readonly [Name in SettingName]: Definition<ProxySettings[Name]> } = {
  host: {
    kind: text('address'),
    fallback: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 or :: for every network'
  },
  port: { kind: port, fallback: 8080, help: 'port for WebSockets and /health; 0 for any' },
  path: { kind: optional(urlPath()), fallback: null, help: 'take WebSockets on this path only, such as /swarm' },
  cert: { kind: optional(path), fallback: null, help: 'TLS certificate chain (PEM); read again when it changes' },
  key: { kind: optional(path), fallback: null, help: 'TLS private key (PEM); read again when it changes' },
  tokenFile: {
    kind: optional(path),
    fallback: null,
    help: 'only let clients in whose `auth` is one of the tokens in this file, one to a line'
  },
  name: {
    kind: names,
    fallback: [],
    help: 'name by which clients know this server; proofs of keys that name another are refused. Give it in public'
  },
  origins: {
    kind: optional(origins),
    fallback: null,
    help: 'web origins whose pages may connect, * for all; default all, on a loopback address without --behind-proxy those of this machine'
  },
  behindProxy: {
    kind: neighbours,
    fallback: [],
    help: 'believe X-Forwarded-For from these neighbours; alone: from this machine'
  },
  tcpPort: { kind: portOrOff, fallback: null, help: 'take raw TCP links on this port as well, never with TLS' },
  adminPort: { kind: portOrOff, fallback: 8081, help: 'port for /metrics and /health' },
  adminHost: { kind: text('address'), fallback: '127.0.0.1', help: 'address of the admin port' },
  status: { kind: toggle, fallback: false, help: 'a status page on the admin port' },
  limits: { kind: limits, fallback: {}, help: 'set a limit; all are listed below' },
  bootstrap: { kind: optional(nodes), fallback: null, help: 'bootstrap nodes of the DHT (default the public ones)' },
  dhtHost: { kind: optional(text('address')), fallback: null, help: 'address of the DHT node (default all)' },
  dhtPort: {
    kind: optional(port),
    fallback: null,
    help: 'UDP port of the DHT node, of the first worker (default 49737, or any if that is taken)'
  },
  rendezvousOnly: {
    kind: toggle,
    fallback: false,
    help: 'no DHT and no UDP: bring together the clients of this server only'
  },
  allowPrivateAddresses: {
    kind: toggle,
    fallback: false,
    help: 'let clients reach private addresses, and so your own network'
  },
  graceMs: { kind: milliseconds, fallback: 30_000, help: 'how long a client that lost its link may come back' },
  drainMs: { kind: milliseconds, fallback: 5000, help: 'how long to wait for what is under way when told to stop' },
  workers: { kind: integer('n', 1, MAX_WORKERS), fallback: 1, help: 'processes that share the port' },
  logLevel: { kind: choice(LOG_LEVELS), fallback: 'info', help: 'how much to log' },
  logAddresses: { kind: toggle, fallback: false, help: 'log the addresses of clients' }
}

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(DEFINITIONS) as SettingName[]

/** Where the name of a configuration file is given. */
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
