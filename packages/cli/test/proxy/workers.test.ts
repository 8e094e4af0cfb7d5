import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { topicFrom } from '@swarmway/proxy-client'
import type { Snapshot } from '@swarmway/proxy-server/status'
import { expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { testnet } from '../../../proxy-server/test/support/testnet.js'
import { until } from '../../../runtime/test/support/until.js'
import { DARK } from '../support/net.js'
import { Cli } from './support/cli.js'
import { certificate, folder } from './support/files.js'
import { client, metricsOf } from './support/proxy.js'
import { RawHttp, silentWebSocket } from './support/raw-http.js'

/** `swarmway proxy` with workers on a private DHT. */
async function startWorkers(flags: string[] = [], env: NodeJS.ProcessEnv = {}, entry?: typeof DARK) {
  const net = await testnet()
  const bootstrap = entry?.bootstrap ?? net.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const dht = [
    '--bootstrap',
    bootstrap,
    '--dht-host',
    entry?.host ?? '127.0.0.1',
    '--dht-port',
    '0',
    '--allow-private-addresses'
  ]
  const ports = ['--port', '0', '--admin-port', '0', '--tcp-port', '0', '--workers', '2', '--log-level', 'debug']
  const cli = new Cli(['proxy', ...ports, ...dht, ...flags], env)
  const { clients, metrics, tcp } = await cli.logged('listening')
  return {
    cli,
    net,
    ws: String(clients),
    admin: String(metrics).replace('/metrics', ''),
    tcpPort: Number(String(tcp).split(':').at(-1))
  }
}

/** A client whose link can be cut repeatedly. */
function cuttable(open: () => Socket | ReturnType<typeof createWebSocketStream>) {
  let link: { destroy(): void } | null = null
  const swarm = client(() => {
    const duplex = open()
    link = duplex
    return duplex
  })
  return { swarm, cut: () => link?.destroy() }
}

// The admin port of several workers answered without a word about the DHT.
test('/health of the admin port says whether the DHT answers any of the workers', async () => {
  const answering = await startWorkers()
  const silent = await startWorkers([], {}, DARK)
  const health = async ({ admin }: { admin: string }) => (await fetch(`${admin}/health`)).json()
  expect(await health(answering)).toEqual({ status: 'ok', dht: 'online' })
  await expect.poll(() => health(silent)).toEqual({ status: 'ok', dht: 'offline' })
  expect(await health(answering)).toEqual({ status: 'ok', dht: 'online' })
})

const came = ({ log }: Cli) => log.filter(({ msg }) => msg === 'client connected').map(({ worker }) => worker)
const passedOn = ({ log }: Cli) => log.filter(({ msg }) => msg.startsWith('link passed on')).length

test('clients of two workers find each other through the DHT, and their metrics are added up', async () => {
  const { admin, cli, ws } = await startWorkers()
  const [a, b] = [client(ws), client(ws)]
  await until('a client at each worker', () => came(cli).length === 2)
  expect(came(cli).sort()).toEqual([1, 2])
  const received: string[] = []
  a.on('connection', (connection) => connection.write('hello from the other worker'))
  b.on('connection', (connection) => connection.on('data', (data) => received.push(String(data))))
  for (const swarm of [a, b]) swarm.join(topicFrom('two workers'))
  await until('a greeting', () => received.length > 0)
  const metrics = await metricsOf(admin)
  expect(metrics.get('swarmway_proxy_clients')).toBe(2)
  expect(metrics.get('swarmway_proxy_workers')).toBe(2)
  expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(0)
})

/**
 * node:cluster deals connections out in turn. A client that came back to a worker other than its session's got a new
 * session, and all its connections ended: with n workers, in all but one of n cases.
 */
test.each(['WebSocket', 'TCP', 'TLS'])(
  'a client that comes back over %s finds its session at any worker',
  async (kind) => {
    const { cert, key } = certificate(folder(), 'workers.example')
    const { cli, tcpPort, ws } = await startWorkers(kind === 'TLS' ? ['--cert', cert, '--key', key] : [])
    const openWebSocket = () => createWebSocketStream(new WebSocket(ws, { rejectUnauthorized: false }))
    const { cut, swarm } = cuttable(kind === 'TCP' ? () => connect(tcpPort, '127.0.0.1') : openWebSocket)
    const other = client(() => openWebSocket())
    const received: string[] = []
    other.on('connection', (connection) => connection.on('data', (data) => received.push(String(data))))
    for (const one of [swarm, other]) one.join(topicFrom('coming back'))
    await until('a connection', () => swarm.connections.size === 1 && other.connections.size === 1)
    const [connection] = swarm.connections
    for (let round = 1; round <= 6; round++) {
      cut()
      connection?.write(`round ${round};`)
      await until(`link ${round + 1}`, () => swarm.told.connected.length === round + 1)
      await until('what was said', () => received.join('').includes(`round ${round};`))
    }
    expect(swarm.told.connected.slice(1).every(({ resumed }) => resumed)).toBe(true)
    expect(passedOn(cli)).toBeGreaterThan(0)
    expect(swarm.connections.has(connection as never)).toBe(true)
  }
)

test('a client whose worker is gone gets a new session at another', async () => {
  const { cli, ws } = await startWorkers()
  const swarm = client(ws)
  await until('a link', () => swarm.connected)
  const { pid } = await cli.logged('client connected')
  process.kill(pid, 'SIGKILL')
  await until('another link', () => swarm.told.connected.length === 2)
  expect(swarm.told.connected[1]?.resumed).toBe(false)
})

test.skipIf(process.platform !== 'linux')('workers have a larger young generation', async () => {
  const { cli } = await startWorkers()
  await cli.logged('worker listens')
  const args = readFileSync(`/proc/${workerOf(cli, 1).pid}/cmdline`, 'utf8').split('\0')
  expect(args[1]).toBe('--min-semi-space-size=16')
})

test('a worker that dies is replaced, and the port stays open meanwhile', async () => {
  const { admin, cli, ws } = await startWorkers(['--status'])
  const { pid } = await cli.logged('worker listens').then(() => workerOf(cli, 1))
  process.kill(pid, 'SIGKILL')
  const died = await cli.logged('a worker died')
  expect(died).toMatchObject({ level: 'error', reason: 'SIGKILL', retryMs: 500 })
  expect((await fetch(`${ws.replace('ws', 'http')}/health`)).status).toBe(200)
  await until('its successor', () => cli.log.filter(({ msg }) => msg === 'worker listens').length === 3)
  expect((await metricsOf(admin)).get('swarmway_proxy_worker_restarts_total')).toBe(1)
  // The page samples every two seconds, so wait until there is a sample.
  await expect.poll(() => processesOf(admin)).toBe(2)
  await expect.poll(async () => (await snapshotOf(admin))?.restarts).toBe(1)
  expect((await snapshotOf(admin))?.errors).toContainEqual(expect.objectContaining({ code: 'WORKER_DIED', count: 1 }))
})

test('a client is cut off at whichever worker it is, and learns why', async () => {
  const { admin, ws } = await startWorkers(['--status', '--log-addresses'])
  const swarm = client(ws)
  const waits: (number | null)[] = []
  swarm.on('disconnected', ({ retryMs }) => waits.push(retryMs))
  await until('a link', () => swarm.connected)
  await expect.poll(async () => (await snapshotOf(admin))?.busiest.length).toBe(1)
  const { number, pid } = (await snapshotOf(admin))?.busiest[0] ?? { number: 0, pid: 0 }
  const cutOff = async (body: object) => {
    const headers = { 'x-swarmway-action': 'cut-off' }
    return (await fetch(`${admin}/cut-off`, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  expect(await cutOff({ pid, number: number + 1000 })).toBe(404)
  expect(await cutOff({ pid: 1, number })).toBe(404)
  expect(swarm.told.disconnected).toEqual([])
  expect(await cutOff({ pid, number })).toBe(200)
  await until('the end of the session', () => swarm.told.disconnected.length > 0)
  expect(swarm.told.disconnected).toEqual(['CUT_OFF'])
  // It stays away for a minute, and up to a quarter more.
  expect(waits[0]).toBeGreaterThanOrEqual(60_000)
  expect(waits[0]).toBeLessThanOrEqual(75_000)
})

test('SIGTERM drains all workers: clients get a goodbye, exit code 0', async () => {
  const { cli, ws } = await startWorkers()
  const [a, b] = [client(ws), client(ws)]
  await until('two links', () => a.connected && b.connected)
  cli.signal('SIGTERM')
  for (const swarm of [a, b]) await until('the goodbye', () => swarm.told.disconnected.includes('SERVER_CLOSING'))
  expect(await cli.end()).toBe(0)
  expect(cli.log.filter(({ msg }) => msg === 'client left').map(({ code }) => code)).toEqual([
    'SERVER_CLOSING',
    'SERVER_CLOSING'
  ])
})

/**
 * A drained worker exited while connections were on their way to it, and they were reset although the other
 * worker still answered.
 */
test('while one worker drains longer than the other, every request for /health is answered', async () => {
  const { cli, ws } = await startWorkers()
  const port = Number(new URL(ws).port)
  // Its worker waits for its answer to the goodbye.
  await silentWebSocket(port)
  const answers: (string | null)[] = []
  const ask = async () => {
    const index = answers.push(null) - 1
    answers[index] = await RawHttp.open(port)
      .then((connection) => connection.ask('/health'))
      .catch(() => null)
  }
  const asking = Array.from({ length: 8 }, async () => {
    while (cli.ended === null) await ask()
  })
  await until('answers', () => answers.length > 50)
  cli.signal('SIGTERM')
  expect(await cli.end()).toBe(0)
  await Promise.all(asking)
  // Requests that arrive as the last worker closes may be cut off; later ones get no answer.
  const last = answers.findLastIndex((answer) => answer !== null)
  expect(answers[last]).toContain('draining')
  expect(answers.slice(0, last).filter((answer) => answer === null)).toEqual([])
})

test('a signal that reaches the workers as well does not end them early', async () => {
  const { cli, ws } = await startWorkers()
  const swarm = client(ws)
  await until('a link', () => swarm.connected)
  for (const worker of [1, 2]) process.kill(workerOf(cli, worker).pid, 'SIGTERM')
  cli.signal('SIGTERM')
  await until('the goodbye', () => swarm.told.disconnected.includes('SERVER_CLOSING'))
  expect(await cli.end()).toBe(0)
  expect(cli.log.some(({ msg }) => msg === 'a worker died')).toBe(false)
})

test('workers do not outlive a primary that is killed, and leave nothing behind', async () => {
  const TMPDIR = folder()
  const doors = () => readdirSync(TMPDIR).filter((name) => name.startsWith('swarmway-proxy-'))
  const { cli } = await startWorkers([], { TMPDIR })
  const pids = [1, 2].map((worker) => workerOf(cli, worker).pid)
  expect(doors()).toHaveLength(1)
  await cli.end('SIGKILL')
  await until('the end of the workers', () => pids.every((pid) => !isAlive(pid)))
  expect(doors()).toEqual([])
})

test('workers that cannot start end the program with one sentence', async () => {
  const first = await startWorkers()
  const port = first.ws.split(':').at(-1) ?? ''
  const cli = new Cli(['proxy', '--workers', '2', '--port', port, '--admin-port', '0', '--bootstrap', '127.0.0.1:1'])
  expect(await cli.end()).toBe(6)
  expect(cli.stderr).toBe(
    `error: Cannot listen on 127.0.0.1 port ${port}: it is in use.\nhint:  Choose another with --port.\n`
  )
})

/** The number of processes that the status page knows. */
async function processesOf(admin: string): Promise<number> {
  return (await snapshotOf(admin))?.processes ?? 0
}

/** The figures of the status page; null while there are none. */
async function snapshotOf(admin: string): Promise<Snapshot | null> {
  const { snapshot } = (await (await fetch(`${admin}/status.json`)).json()) as { snapshot: Snapshot | null }
  return snapshot
}

/** The process id of a worker, from its log. */
function workerOf(cli: Cli, worker: number) {
  const record = cli.log.find(({ msg, ...rest }) => msg === 'worker listens' && rest.worker === worker)
  if (record === undefined) throw new Error(`worker ${worker} has not logged anything`)
  return { pid: Number(record['workerPid']) }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
