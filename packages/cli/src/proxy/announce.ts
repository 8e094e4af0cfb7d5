import { isIPv6 } from 'node:net'
import { colorsFor } from '../shared/terminal.js'
import type { ResolvedSettings } from './config/resolve.js'
import type { ProxySettings } from './config/settings.js'
import { settingLines, settingsRecord } from './config/show.js'
import type { RunningProxy } from './running-proxy.js'
import type { Logger } from './server/log.js'

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** Says which settings hold: a table for a person at a terminal, else a record in the log. */
export function announceSettings(resolved: ResolvedSettings, log: Logger, output: Output = process.stderr): void {
  if (output.isTTY) output.write(`Settings:\n${settingLines(resolved, colorsFor(output)).join('\n')}\n\n`)
  else log.info({ settings: settingsRecord(resolved) }, 'settings that are not defaults')
  for (const warning of warnings(resolved)) log.warn(warning)
}

/** Says where clients, and the operator, can come in. */
export function announcePorts(settings: ProxySettings, { ports }: RunningProxy, log: Logger): void {
  const { adminHost, cert, host, path, status } = settings
  const admin = ports.adminPort === null ? null : url('http', adminHost, ports.adminPort)
  const places = {
    clients: url(cert === null ? 'ws' : 'wss', host, ports.port) + (path ?? ''),
    ...(ports.tcpPort !== null && { tcp: url('tcp', host, ports.tcpPort) }),
    ...(admin !== null && { metrics: `${admin}/metrics` }),
    ...(admin !== null && status && { status: `${admin}/` })
  }
  log.info(places, 'listening')
}

function url(scheme: string, host: string, port: number): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** What an operator may not have meant. */
function warnings({ settings, unknownVariables }: ResolvedSettings): string[] {
  const { adminHost, adminPort, behindProxy, cert, host, tokenFile } = settings
  const isPublic = !isLoopback(host)
  const isPlain = isPublic && cert === null && behindProxy.length === 0
  const said: [condition: boolean, sentence: string][] = [
    [isPublic && tokenFile === null, `whoever reaches ${host} may use this server; --token-file lets only some in`],
    [isPlain && tokenFile !== null, 'tokens come unencrypted; use --cert and --key, or a TLS proxy and --behind-proxy'],
    [adminPort !== null && !isLoopback(adminHost), `whoever reaches ${adminHost} may read the metrics`],
    ...unknownVariables.map((name): [boolean, string] => [true, `${name} in the environment is no setting`])
  ]
  return said.filter(([condition]) => condition).map(([, sentence]) => sentence)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
