/** A fleet's processes whose clocks differ by minutes, and one whose clock is set while it runs. */
import { topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { describe, expect, test } from 'vitest'
import {
  accountWithUser,
  opensslObstacle,
  temporaryFolder,
  written
} from '../../../proxy-server/test/support/broker-credentials.js'
import { NatsServer, natsObstacle } from '../../../proxy-server/test/support/nats-server.js'
import { until } from '../../../runtime/test/support/until.js'
import { Cli } from './support/cli.js'
import { file } from './support/files.js'
import { client, metricsOf } from './support/proxy.js'

const obstacle = natsObstacle() ?? opensslObstacle()
if (obstacle !== null) console.warn(`skipped: a fleet with different clocks (${obstacle})`)

const MINUTE_MS = 60_000
const LEASES_MS = 15_000

/** A module that moves the time of day of the process that loads it: by so many minutes more at each look. */
function shiftedBy(minutes: number, driftMinutes = 0): string {
  const source = `
    const real = Date.now
    let shiftMs = ${minutes * MINUTE_MS}
    Date.now = () => real() + (shiftMs += ${driftMinutes * MINUTE_MS})
    globalThis.Date = class extends Date {
      constructor(...args) {
        super(...(args.length === 0 ? [Date.now()] : args))
      }
    }`
  return file('clock.mjs', source)
}

describe.skipIf(obstacle !== null)('servers whose clocks differ', () => {
  test('by minutes, and by more all the time, are one fleet, and stay one', async () => {
    const { config, creds } = accountWithUser()
    const dir = temporaryFolder()
    const broker = await NatsServer.start('-c', written(dir, 'nats.conf', config))
    const shared = ['--rendezvous-only', '--fleet', broker.url, '--fleet-creds', written(dir, 'fleet.creds', creds)]
    const clocks = [shiftedBy(0), shiftedBy(7), shiftedBy(-9), shiftedBy(0, -1)]
    const servers = await Promise.all(
      clocks.map(async (clock, i) => {
        const own = ['--port', '0', '--admin-port', '0', '--fleet-name', `s${i}`]
        const cli = new Cli(['proxy', ...own, ...shared], { NODE_OPTIONS: `--import=${clock}` })
        const { clients, metrics } = await cli.logged('listening')
        return { cli, ws: String(clients), admin: String(metrics).replace('/metrics', '') }
      })
    )
    const known = () =>
      Promise.all(servers.map(async ({ admin }) => (await metricsOf(admin)).get('swarmway_proxy_fleet_servers')))
    while ((await known()).some((count) => count !== servers.length - 1));
    const swarms = servers.map(({ ws }) => client(ws, { connect: websocket(ws) }))
    for (const swarm of swarms) swarm.join(topicFrom(`clocks ${broker.port}`))
    await until('all have met', () => swarms.every(({ connections }) => connections.size === servers.length - 1))
    // A lease that ended by a clock that was set would be over by now.
    const endMs = performance.now() + LEASES_MS
    const lost: unknown[] = []
    while (performance.now() < endMs) lost.push(...(await known()).filter((count) => count !== servers.length - 1))
    expect(lost).toEqual([])
    expect(swarms.map(({ connections }) => connections.size)).toEqual(servers.map(() => servers.length - 1))
  })
})
