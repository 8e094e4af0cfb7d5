import { isIPv6 } from 'node:net'
import { colorsFor } from '../shared/terminal.js'
import type { ResolvedSettings } from './config/resolve.js'
import type { ProxySettings } from './config/settings.js'
import { settingLines, settingsRecord } from './config/show.js'
import type { RunningProxy } from './running-proxy.js'
import type { Logger } from './server/log.js'
import { isLoopback } from './server/loopback.js'

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** Where announcements go: to a person who looks on, or into the log. */
export interface Audience {
  readonly log: Logger
  /** A terminal; null if nobody looks on. */
  readonly person: Output | null
}

interface Outputs {
  readonly stdout: Output
  readonly stderr: Output
}

/** Somebody looks on if both outputs are a terminal; a log that goes into a file must have all that was said. */
export function audienceOf(log: Logger, { stderr, stdout }: Outputs = process): Audience {
  return { log, person: stdout.isTTY && stderr.isTTY ? stderr : null }
}

/** Says which settings hold, and what the operator may not have meant. */
export function announceSettings(resolved: ResolvedSettings, { log, person }: Audience): void {
  if (person === null) log.info({ settings: settingsRecord(resolved) }, 'settings that are not defaults')
  else person.write(`Settings:\n${settingLines(resolved, colorsFor(person)).join('\n')}\n\n`)
  for (const warning of warnings(resolved)) log.warn(warning)
}

/** Says where clients, and the operator, can come in. */
export function announcePorts(settings: ProxySettings, running: RunningProxy, { log, person }: Audience): void {
  const places = placesOf(settings, running)
  if (person === null) log.info(places, 'listening')
  else person.write(`${placeLines(places).join('\n')}\n\nCtrl-C drains and ends.\n`)
}

/** Addresses by what they are for. */
function placesOf({ adminHost, cert, host, path, status }: ProxySettings, { ports }: RunningProxy) {
  const admin = ports.adminPort === null ? null : url('http', adminHost, ports.adminPort)
  return {
    clients: url(cert === null ? 'ws' : 'wss', host, ports.port) + (path ?? ''),
    ...(ports.tcpPort !== null && { tcp: url('tcp', host, ports.tcpPort) }),
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

/** What an operator may not have meant. */
function warnings({ settings, unknownVariables }: ResolvedSettings): string[] {
  const { adminHost, adminPort, behindProxy, cert, host, tcpPort, tokenFile } = settings
  const isPublic = !isLoopback(host)
  const isPlain = isPublic && cert === null && behindProxy.length === 0
  const said: [condition: boolean, sentence: string][] = [
    [isPublic && tokenFile === null, `whoever reaches ${host} may use this server; --token-file lets only some in`],
    [isPlain && tokenFile !== null, 'tokens come unencrypted; use --cert and --key, or a TLS proxy and --behind-proxy'],
    [isPublic && !isPlain && tokenFile !== null && tcpPort !== null, 'tokens come unencrypted on the TCP port'],
    [adminPort !== null && !isLoopback(adminHost), `whoever reaches ${adminHost} may read the metrics`],
    ...unknownVariables.map((name): [boolean, string] => [true, `${name} in the environment is no setting`])
  ]
  return said.filter(([condition]) => condition).map(([, sentence]) => sentence)
}
