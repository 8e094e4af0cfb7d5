/** `swarmway proxy --fleet`: several processes that act as one server, over a real NATS server. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  accountWithUser,
  authority,
  opensslObstacle,
  temporaryFolder,
  written
} from '../../../proxy-server/test/support/broker-credentials.js'
import { freeTcpPort, NatsServer, natsObstacle } from '../../../proxy-server/test/support/nats-server.js'
import { until } from '../../../runtime/test/support/until.js'
import { Cli } from './support/cli.js'
import { file } from './support/files.js'
import { client, metricsOf } from './support/proxy.js'

const obstacle = natsObstacle() ?? opensslObstacle()
if (obstacle !== null) console.warn(`skipped: swarmway proxy --fleet (${obstacle})`)

async function start(broker: { readonly url: string }, name: string, flags: string[] = []) {
  const ports = ['--port', '0', '--admin-port', '0', '--rendezvous-only', '--log-level', 'debug']
  const cli = new Cli(['proxy', ...ports, '--fleet', broker.url, '--fleet-name', name, ...flags])
  const { clients, metrics } = await cli.logged('listening')
  return { cli, ws: String(clients), admin: String(metrics).replace('/metrics', '') }
}

async function meet(a: ReturnType<typeof client>, b: ReturnType<typeof client>, topic: string): Promise<void> {
  for (const swarm of [a, b]) swarm.join(topicFrom(topic))
  await until('they are connected', () => a.connections.size > 0 && b.connections.size > 0)
}

describe.skipIf(obstacle !== null)('swarmway proxy --fleet', () => {
  test('clients of two processes meet without a DHT, and the metrics show the other server', async () => {
    const broker = await NatsServer.start()
    const [one, two] = [await start(broker, 'one'), await start(broker, 'two')]
    await meet(client(one.ws), client(two.ws), 'two processes')
    const metrics = await metricsOf(one.admin)
    expect(metrics.get('swarmway_proxy_fleet_servers')).toBe(1)
    expect(metrics.get('swarmway_proxy_fleet_broker_online')).toBe(1)
    const other = await metricsOf(two.admin)
    const links = ['links_out', 'links_in'].map((name) => metrics.get(`swarmway_proxy_fleet_${name}`) ?? 0)
    expect(links[0] === 1 || links[1] === 1).toBe(true)
    const dialled = 'swarmway_proxy_fleet_connections_dialled_total'
    expect((metrics.get(dialled) ?? 0) + (other.get(dialled) ?? 0)).toBeGreaterThan(0)
  })

  test('the log names the servers that come and go', async () => {
    const broker = await NatsServer.start()
    const one = await start(broker, 'one')
    expect(await one.cli.logged('in the fleet')).toMatchObject({ level: 'info', others: 0 })
    const two = await start(broker, 'two')
    expect(await one.cli.logged('the fleet has changed')).toMatchObject({ others: 1, joined: ['two'] })
    await two.cli.end('SIGTERM')
    const left = () => one.cli.log.find(({ left: names }) => names !== undefined)
    await until('two has left', () => left() !== undefined)
    expect(left()).toMatchObject({ msg: 'the fleet has changed', others: 0, left: ['two'] })
    await broker.kill()
    expect(await one.cli.logged('the broker of the fleet is lost')).toMatchObject({ level: 'warn', others: 0 })
  })

  test('a server is killed: its clients are at the others, meet again, and its lease ends', async () => {
    const broker = await NatsServer.start()
    const servers = [await start(broker, 'one'), await start(broker, 'two'), await start(broker, 'three')]
    const [first, ...others] = servers
    if (first === undefined) throw new Error('there are three')
    const urls = servers.map(({ ws }) => ws)
    const swarms = Array.from({ length: 18 }, () =>
      client(first.ws, { connect: websocket(...urls), reconnectMaxMs: 1000 })
    )
    const connectedTo = async () => {
      const metrics = await Promise.all(others.map(({ admin }) => metricsOf(admin)))
      return metrics.map((of) => of.get('swarmway_proxy_clients') ?? 0)
    }
    for (const swarm of swarms) swarm.join(topicFrom('a server is killed'))
    await until('all have met', () => swarms.every(({ connections }) => connections.size === 17))
    first.cli.signal('SIGKILL')
    const killedMs = performance.now()
    let counts: number[] = []
    while (counts.reduce((sum, count) => sum + count, 0) < 18) counts = await connectedTo()
    const backMs = performance.now() - killedMs
    // Each goes to either by chance: one of two servers gets none once in 130,000 times.
    expect(Math.min(...counts)).toBeGreaterThan(0)
    await until('all have met again', () => swarms.every(({ connections }) => connections.size === 17))
    const known = async () => (await metricsOf(others[0]?.admin ?? '')).get('swarmway_proxy_fleet_servers')
    while ((await known()) !== 1);
    console.info(
      `clients back after ${Math.round(backMs)} ms, lease over after ${Math.round(performance.now() - killedMs)} ms`
    )
  })

  // All clients of a dead server moved to the same second one.
  test('a server is killed: its clients spread over the others evenly', async () => {
    const broker = await NatsServer.start()
    const ports = await Promise.all(['one', 'two', 'three'].map(freeTcpPort))
    const urls = ports.map((port) => `ws://127.0.0.1:${port}/`)
    const servers = await Promise.all(
      ports.map((port, i) => start(broker, `s${i}`, ['--port', String(port), '--fleet-url', urls[i] ?? '']))
    )
    const counts = (of: typeof servers) =>
      Promise.all(of.map(async ({ admin }) => (await metricsOf(admin)).get('swarmway_proxy_clients') ?? 0))
    const total = (of: readonly number[]) => of.reduce((sum, count) => sum + count, 0)
    const CLIENTS = 90
    for (let i = 0; i < CLIENTS; i++) client(urls[0] ?? '', { connect: websocket(...urls), reconnectMaxMs: 1000 })
    while (total(await counts(servers)) < CLIENTS);
    const [killed, ...others] = servers
    const [lost = 0, ...before] = await counts(servers)
    killed?.cli.signal('SIGKILL')
    let after = before
    while (total(after) < CLIENTS) after = await counts(others)
    const gains = after.map((count, i) => count - (before[i] ?? 0))
    expect(total(gains)).toBe(lost)
    // Some 30 coins: fewer than a seventh of one side come once in 15,000 times.
    expect(Math.min(...gains)).toBeGreaterThanOrEqual(Math.floor(lost / 7))
  })

  test('workers are servers of the fleet too, so they meet without a DHT', async () => {
    const broker = await NatsServer.start()
    const { admin, cli, ws } = await start(broker, 'w', ['--workers', '2'])
    const came = () => cli.log.filter(({ msg }) => msg === 'client connected').map(({ worker }) => worker)
    const [a, b] = [client(ws), client(ws)]
    await until('a client at each worker', () => new Set(came()).size === 2)
    await meet(a, b, 'two workers of a fleet')
    expect((await metricsOf(admin)).get('swarmway_proxy_fleet_broker_online')).toBe(2)
  })

  test('the broker’s certificates and credentials are read from files', async () => {
    const dir = temporaryFolder()
    const own = authority(dir)
    const [forBroker, forServer] = [own.sign('broker'), own.sign('server')]
    const { config, creds } = accountWithUser()
    const tls = ['--tlsverify', '--tlscert', forBroker.cert, '--tlskey', forBroker.key, '--tlscacert', own.cert]
    const broker = await NatsServer.start('-c', written(dir, 'nats.conf', config), ...tls)
    const certificates = ['--fleet-ca', own.cert, '--fleet-cert', forServer.cert, '--fleet-key', forServer.key]
    const flags = [...certificates, '--fleet-creds', written(dir, 'fleet.creds', creds)]
    const url = { url: `tls://localhost:${broker.port}` }
    const outside = await start(url, 'three', certificates)
    const servers = [await start(url, 'one', flags), await start(url, 'two', flags)]
    await meet(client(servers[0]?.ws ?? ''), client(servers[1]?.ws ?? ''), 'over TLS')
    expect((await metricsOf(outside.admin)).get('swarmway_proxy_fleet_broker_online')).toBe(0)
  })

  test('a password in a URL is not printed, and a secret that is too short is refused', async () => {
    const broker = await NatsServer.start('--user', 'u', '--pass', 'hidden-word')
    const url = broker.url.replace('//', '//u:hidden-word@')
    const cli = new Cli(['proxy', '--port', '0', '--admin-port', 'off', '--rendezvous-only', '--fleet', url])
    await cli.logged('listening')
    expect(JSON.stringify(cli.log)).not.toContain('hidden-word')
    const secret = file('secret', 'short')
    const refused = new Cli(['proxy', '--port', '0', '--fleet', url, '--fleet-secret-file', secret])
    expect([await refused.end(), refused.stderr]).toEqual([2, expect.stringContaining('fewer than 16 characters')])
    expect(refused.stderr).not.toContain('hidden-word')
  })
})

// The server ran on without links, and said so to nobody.
test('a port for links that is taken is logged as an error', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const port = String((taken.address() as AddressInfo).port)
  const alone = ['--port', '0', '--admin-port', 'off', '--rendezvous-only']
  const cli = new Cli(['proxy', ...alone, '--fleet', 'nats://127.0.0.1:9', '--fleet-port', port])
  const { reason } = await cli.logged(
    'the port for links of the fleet cannot be opened; choose another with --fleet-port'
  )
  expect(reason).toContain('EADDRINUSE')
})
