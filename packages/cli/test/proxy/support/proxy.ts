import { type Connect, ProxyClient, type ProxyClientOptions } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { Clock } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { resolveSettings } from '../../../src/proxy/config/resolve.js'
import type { ProxySettings } from '../../../src/proxy/config/settings.js'
import { createLog } from '../../../src/proxy/server/log.js'
import { runSingle } from '../../../src/proxy/single.js'
import type { LogRecord } from './cli.js'

/** Settings as flags would give them: any port and no DHT, so that tests are independent. */
export async function settingsOf(flags: Record<string, unknown> = {}): Promise<ProxySettings> {
  const given = { port: '0', adminPort: '0', rendezvousOnly: true, drainMs: '200', ...flags }
  return (await resolveSettings({ flags: given, env: {}, folder: '/' })).settings
}

/** `swarmway proxy` in this process; closed after the test. `serverClock` is the proxy server's; default the platform's. */
export async function startProxy(flags: Record<string, unknown> = {}, serverClock?: Clock) {
  const settings = await settingsOf(flags)
  const log: LogRecord[] = []
  const clock = new FakeClock()
  const write = (line: string) => log.push(JSON.parse(line))
  const running = await runSingle(settings, { log: createLog(settings, null, { write }), clock, serverClock })
  onTestFinished(() => running.stop())
  const { port, adminPort, tcpPort } = running.ports
  return {
    running,
    log,
    /** The clock for file watches and closing. */
    clock,
    tcpPort: tcpPort ?? 0,
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    admin: `http://127.0.0.1:${adminPort}`,
    port,
    adminPort: adminPort ?? 0
  }
}

/** What a client reports about its link. */
export interface Told {
  connected: { resumed: boolean }[]
  disconnected: string[]
}

/** A client of a URL, or of whatever `connect` opens; destroyed after the test. */
export function client(to: string | Connect, options: Partial<ProxyClientOptions> = {}): ProxyClient & { told: Told } {
  const connect = typeof to === 'string' ? websocket(to) : to
  const swarm = new ProxyClient({ connect, reconnectMinMs: 10, reconnectMaxMs: 100, ...options })
  const told: Told = { connected: [], disconnected: [] }
  swarm.on('connected', (event) => told.connected.push(event))
  swarm.on('disconnected', ({ error }) => told.disconnected.push(error.code))
  onTestFinished(() => swarm.destroy())
  return Object.assign(swarm, { told })
}

/** The metrics as a map from name and labels to value. */
export async function metricsOf(admin: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${admin}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}
