import { isIPv6 } from 'node:net'
import { isLoopback } from '../shared/network/loopback.js'
import { colorsFor } from '../shared/terminal/colors.js'
import type { ResolvedSettings } from './config/resolve.js'
import type { ProxySettings } from './config/settings.js'
import { settingLines, settingsRecord } from './config/show.js'
import type { RunningProxy } from './running-proxy.js'
import type { Logger } from './server/log.js'

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** Where announcements go: to a terminal or to the log. */
export interface Audience {
  readonly log: Logger
  /** A terminal; null if nobody is watching. */
  readonly person: Output | null
}

interface Outputs {
  readonly stdout: Output
  readonly stderr: Output
}

/** Somebody is watching if both outputs are terminals; a log written to a file must be complete. */
export function audienceOf(log: Logger, { stderr, stdout }: Outputs = process): Audience {
  return { log, person: stdout.isTTY && stderr.isTTY ? stderr : null }
}

/** Reports the settings in force and warns about likely mistakes. */
export function announceSettings(resolved: ResolvedSettings, { log, person }: Audience): void {
  if (person === null) log.info({ settings: settingsRecord(resolved) }, 'settings that are not defaults')
  else person.write(`Settings:\n${settingLines(resolved, colorsFor(person)).join('\n')}\n\n`)
  for (const warning of warnings(resolved)) log.warn(warning)
}

/** Reports the addresses for clients and for the operator. */
export function announcePorts(settings: ProxySettings, running: RunningProxy, { log, person }: Audience): void {
  const places = placesOf(settings, running)
  if (person === null) log.info(places, 'listening')
  else person.write(`${placeLines(places).join('\n')}\n\nCtrl-C drains the server and stops it.\n`)
}

/** Addresses by purpose. */
function placesOf({ adminHost, cert, host, path, site, status, stunHost }: ProxySettings, { ports }: RunningProxy) {
  const admin = ports.adminPort === null ? null : url('http', adminHost, ports.adminPort)
  return {
    clients: url(cert === null ? 'ws' : 'wss', host, ports.port) + (path ?? ''),
    ...(site && { page: `${url(cert === null ? 'http' : 'https', host, ports.port)}/` }),
    ...(ports.tcpPort !== null && { tcp: url('tcp', host, ports.tcpPort) }),
    ...(ports.stunPort !== null && { stun: url('udp', stunHost ?? host, ports.stunPort) }),
    ...(admin !== null && { metrics: `${admin}/metrics` }),
    ...(admin !== null && status && { status: `${admin}/` })
  }
}

function placeLines(places: object): string[] {
  return Object.entries(places).map(([name, address]) => `${`${name}:`.padEnd(9)}${address}`)
}

function url(scheme: string, host: string, port: number): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** Settings that are probably mistakes. */
function warnings({ settings, unknownVariables }: ResolvedSettings): string[] {
  const { adminHost, adminPort, behindProxy, cert, host, origins, site, stunHost, stunPort, tcpPort, tokenFile } =
    settings
  const isPublic = !isLoopback(host)
  const isPlain = isPublic && cert === null && behindProxy.length === 0
  const said: [condition: boolean, sentence: string][] = [
    [isPublic && tokenFile === null, `anyone who can reach ${host} may use this server; --token-file restricts it`],
    [
      isPlain && tokenFile !== null,
      'tokens arrive unencrypted; use --cert and --key or a TLS proxy and --behind-proxy'
    ],
    [isPublic && !isPlain && tokenFile !== null && tcpPort !== null, 'tokens arrive unencrypted on the TCP port'],
    [
      site && origins !== null && !origins.includes('*'),
      'the page of --site connects only if --origins lists its own address'
    ],
    [site && tokenFile !== null, 'the page of --site asks its visitors for a token'],
    [adminPort !== null && !isLoopback(adminHost), `anyone who can reach ${adminHost} may read the metrics`],
    [
      stunPort !== null && behindProxy.length > 0 && isLoopback(stunHost ?? host),
      'the reverse proxy does not pass UDP on: clients need an address that they can reach; set --stun-host'
    ],
    ...unknownVariables.map((name): [boolean, string] => [true, `the environment variable ${name} is not a setting`])
  ]
  return said.filter(([condition]) => condition).map(([, sentence]) => sentence)
}
