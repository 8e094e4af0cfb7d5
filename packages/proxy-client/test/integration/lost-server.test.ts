/**
 * Ways in which a client loses its server, and what an application sees of each. The table in docs/troubleshooting.md says
 * the same; busy-holder, credentials, failover, wake, reconnect, servers, key-lost and the browser's leaving tests have the
 * other rows.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuplexLike, encodeDenied, ProxyError } from '@swarmway/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ProxyServer, type ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { historyOf } from '../support/history.js'
import { connectionBetween } from '../support/rig.js'
import { echo, failure } from '../support/transfer.js'

const QUICK = { reconnectMinMs: 10, reconnectMaxMs: 100, backoffs: [50, 100, 200, 1000], jitter: 10 }

async function startServer(options: ProxyServerOptions = {}, port = 0) {
  const server = new ProxyServer({ dht: null, drainMs: 100, ...options })
  const listener = await listen(server, { host: '127.0.0.1', port })
  const stop = () => server.destroy().then(() => listener.close())
  onTestFinished(stop)
  return { server, port: (listener.address as AddressInfo).port, stop }
}

function createClient(port: number, options: Partial<ProxyClientOptions> = {}): ProxyClient {
  const client = new ProxyClient({ ...QUICK, connect: websocket(`ws://127.0.0.1:${port}`), ...options })
  onTestFinished(() => client.destroy())
  return client
}

/** What stands between a client and its server. */
interface Between {
  readonly port: number
  /** Ends all connections. New ones are accepted. */
  cut(): void
}

/** A balancer or a NAT of TCP connections, which ends each as `end` says. */
async function tcpBetween(backend: number, end: (socket: Socket) => void): Promise<Between> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(backend, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, cut: () => [...sockets].forEach(end) }
}

/** A reverse proxy that is reloaded: it closes WebSockets with the codes for that. */
async function proxyBetween(backend: number): Promise<Between> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  const pairs = new Set<readonly [WebSocket, WebSocket]>()
  server.on('connection', (near) => {
    const far = new WebSocket(`ws://127.0.0.1:${backend}`)
    const early: Buffer[] = []
    near.on('message', (data: Buffer) => (far.readyState === WebSocket.OPEN ? far.send(data) : early.push(data)))
    far.on('open', () => {
      for (const data of early.splice(0)) far.send(data)
    })
    far.on('message', (data) => near.send(data))
    far.on('error', () => {})
    pairs.add([near, far])
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const cut = () => {
    for (const [near, far] of pairs) {
      near.close(1012)
      far.close(1001)
    }
    pairs.clear()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, cut }
}

describe('what is between client and server ends the link: the session goes on', () => {
  test.each<[string, (backend: number) => Promise<Between>]>([
    ['a reset', (backend) => tcpBetween(backend, (socket) => socket.resetAndDestroy())],
    ['an idle balancer that closes in order', (backend) => tcpBetween(backend, (socket) => socket.end())],
    ['a reverse proxy that is reloaded', proxyBetween]
  ])('%s', async (_, createBetween) => {
    const { port } = await startServer()
    const between = await createBetween(port)
    const [client, peer] = [createClient(between.port), createClient(port)]
    const history = historyOf(client)
    const topic = freshTopic()
    for (const swarm of [client, peer]) swarm.join(topic)
    const ends = await connectionBetween(client, peer)
    between.cut()
    await until('it is back', () => history.length >= 3 && client.connected)
    expect(history).toEqual(['new', 'LINK_CLOSED', 'resumed'])
    await echo(...ends)
  })
})

describe('the server goes', () => {
  test.each([
    ['in order, and is started again', 'SERVER_CLOSING'],
    ['by a crash, and is started again', 'LINK_CLOSED']
  ])('%s: connections end, and peers meet again in a new session', async (how, code) => {
    const first = await startServer()
    const between = await tcpBetween(first.port, (socket) => socket.resetAndDestroy())
    const [client, peer] = [createClient(between.port), createClient(between.port)]
    const history = historyOf(client)
    const topic = freshTopic()
    for (const swarm of [client, peer]) swarm.join(topic)
    const [near] = await connectionBetween(client, peer)
    const failed = failure(near)
    // The server behind forgets everything, but says goodbye only in order.
    if (how.startsWith('by')) between.cut()
    await first.stop()
    await startServer({}, first.port)
    const { code: ended } = (await failed) as { code: string }
    expect(ended).toBe(how.startsWith('by') ? 'SESSION_EXPIRED' : 'SERVER_CLOSING')
    await echo(...(await connectionBetween(client, peer)))
    expect(history[1]).toBe(code)
    expect([history.at(-1), history.every((entry) => !entry.endsWith('!'))]).toEqual(['new', true])
  })

  test('because it needs the place: the client is told LIMIT, and tries again', async () => {
    const clock = new FakeClock()
    const { port, server } = await startServer({ clock, limits: { maxClients: 1 } })
    const first = createClient(port)
    const history = historyOf(first)
    await until('the first is in', () => first.connected)
    await clock.advance(60_000)
    const second = createClient(port)
    await until('the second took its place', () => second.connected)
    await second.listen()
    await until('the first was told', () => history.length > 2)
    expect(history.slice(0, 3)).toEqual(['new', 'LIMIT', 'LIMIT'])
    await second.destroy()
    await until('the first is back', () => first.connected)
    expect(server.clients.size).toBe(1)
  })
})

describe('the server cannot be reached', () => {
  test.each([
    ['its certificate is not trusted', tlsServer, /self-signed|certificate/],
    ['it does not speak TLS', async () => (await startServer()).port, /ssl|packet|wrong version|disconnected/i]
  ])('%s: LINK_CLOSED with the reason, tried again more and more rarely', async (_, start, reason) => {
    const port = await start()
    const failures: { code: string; message: string; retryMs: number | null }[] = []
    const client = createClient(port, {
      connect: websocket(`wss://127.0.0.1:${port}`),
      random: () => 1
    })
    client.on('disconnected', ({ error, retryMs }) => failures.push({ ...error, message: error.message, retryMs }))
    await until('it has failed three times', () => failures.length === 3)
    expect(failures.map(({ retryMs }) => retryMs)).toEqual([20, 40, 80])
    for (const { code, message } of failures) {
      expect(code).toBe('LINK_CLOSED')
      expect(message).toMatch(reason)
    }
  })

  test('it speaks another version: tried again about every reconnectMaxMs', async () => {
    const error = new ProxyError('VERSION_MISMATCH', 'the peer speaks protocol version 2, this side version 3')
    const port = await tcpServer((socket) => void socket.write(encodeDenied({ error, retry: true })))
    const open = () => connect(port, '127.0.0.1') as unknown as DuplexLike
    const client = createClient(port, { connect: open, reconnectMaxMs: 60_000, random: () => 0 })
    const retryMs = await new Promise((resolve) => client.once('disconnected', (state) => resolve(state.retryMs)))
    expect(retryMs).toBeCloseTo(60_000, -3)
  })

  test('it says that our version is wrong: not tried again until reconnect', async () => {
    let tries = 0
    const port = await tcpServer((socket) => {
      tries++
      const error = new ProxyError('VERSION_MISMATCH', 'the peer speaks protocol version 2, this side version 3')
      socket.write(encodeDenied({ error, retry: false }))
    })
    const client = createClient(port, { connect: () => connect(port, '127.0.0.1') as unknown as DuplexLike })
    const history = historyOf(client)
    await until('it was told', () => history.length === 1)
    expect([history, tries]).toEqual([['VERSION_MISMATCH!'], 1])
    client.reconnect()
    await until('it was told again', () => history.length === 2)
    expect(tries).toBe(2)
  })
})

async function tcpServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A server with a certificate that nobody trusts. */
async function tlsServer(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', [...kind, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) })
  rmSync(folder, { recursive: true, force: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
