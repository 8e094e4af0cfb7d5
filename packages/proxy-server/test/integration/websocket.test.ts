import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { pause, turn, until } from '../../../runtime/test/support/until.js'
import type { ClientHello, ProxyServer } from '../../src/index.js'
import { type ListenOptions, listen } from '../../src/websocket/index.js'
import { rendezvousServer } from '../support/servers.js'
import { TestClient, topicOf } from '../support/test-client.js'

async function listening(options: ListenOptions = {}, proxy: ProxyServer = rendezvousServer()) {
  const listener = await listen(proxy, { host: '127.0.0.1', ...options })
  onTestFinished(() => listener.close())
  return { listener, proxy, url: `ws://127.0.0.1:${(listener.address as AddressInfo).port}` }
}

function open(url: string, headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(url, { headers, perMessageDeflate: true })
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  return socket
}

async function client(url: string): Promise<TestClient> {
  const one = new TestClient()
  await one.greet(createWebSocketStream(open(url)).on('error', () => {}))
  return one
}

/** The HTTP status with which an upgrade was refused; 101 if it was accepted. */
function status(url: string, headers?: Record<string, string>): Promise<number | undefined> {
  const socket = open(url, headers)
  return new Promise((resolve) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
  })
}

test('clients connect over WebSocket, and megabytes pass in both directions', async () => {
  const { listener, proxy, url } = await listening()
  const [a, b] = [await client(url), await client(url)]
  expect([...proxy.clients][0]?.remoteAddress).toBe('127.0.0.1')
  expect(listener.connections).toBe(2)
  await b.listen()
  await b.announce(topicOf(1))
  expect(await a.lookup(topicOf(1))).toHaveLength(1)
  const stream = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 1)
  const [echo] = b.accepted
  echo?.on('data', (chunk) => {
    if (!echo.write(chunk)) echo.pause()
  })
  echo?.on('drain', () => echo.resume())
  let received = 0
  stream.on('data', (chunk: Uint8Array) => {
    received += chunk.byteLength
  })
  const total = 16 * 1024 * 1024
  for (let sent = 0; sent < total; sent += 64 * 1024)
    if (!stream.write(new Uint8Array(64 * 1024)))
      await new Promise<void>((resolve) => stream.once('drain', () => resolve()))
  await until(() => received === total)
})

test('a client that does not read its socket holds the server back, and the server stays within its limits', async () => {
  const { proxy, url } = await listening()
  const a = await client(url)
  const socket = open(url)
  const b = new TestClient()
  await b.greet(createWebSocketStream(socket).on('error', () => {}))
  await b.listen()
  const stream = await a.dial(b.keyPair.publicKey)
  await until(() => b.accepted.length === 1)
  b.accepted[0]?.resume()
  socket.pause()
  // The kernel's buffers take a part of it, and not all at once.
  const isHeld = async () => {
    await pause(50)
    return stream.bufferedBytes >= 1024 * 1024
  }
  while (stream.bytesWritten < 256 * 1024 * 1024 && !(stream.bufferedBytes >= 1024 * 1024 && (await isHeld()))) {
    stream.write(new Uint8Array(64 * 1024))
    await turn()
  }
  expect(stream.bufferedBytes).toBeGreaterThanOrEqual(1024 * 1024)
  expect(proxy.stats.bufferedBytes).toBeLessThan(2 * 1024 * 1024)
  const total = stream.bytesWritten
  socket.resume()
  await until(() => b.accepted[0]?.bytesRead === total)
})

describe('a WebSocket that is closed without a GOODBYE', () => {
  // The page was gone, and its peers saw it for 30 s.
  test.each([1000, 1001])(
    'with %i ends the session 2 seconds later, in which a reverse proxy may reload',
    async (code) => {
      const clock = new FakeClock()
      const proxy = rendezvousServer({ clock })
      const { socket } = await listeningClient(proxy)
      socket.close(code)
      await until(() => proxy.stats.attached === 0)
      await clock.advance(1999)
      expect(proxy.clients.size).toBe(1)
      await clock.advance(1)
      expect(proxy.clients.size).toBe(0)
      expect(proxy.stats.sessionsExpired).toBe(1)
    }
  )

  test.each([
    ['with another code', (socket: WebSocket) => socket.close(4000)],
    ['without a code', (socket: WebSocket) => socket.close()],
    ['by a cut', (socket: WebSocket) => socket.terminate()]
  ])('%s leaves the session the whole grace period', async (_, close) => {
    const clock = new FakeClock()
    const proxy = rendezvousServer({ clock })
    const { one, socket } = await listeningClient(proxy)
    close(socket)
    await until(() => proxy.stats.attached === 0)
    await clock.advance(29_999)
    expect(await one.resume(proxy)).toMatchObject({ resumed: true })
  })

  async function listeningClient(proxy: ProxyServer): Promise<{ one: TestClient; socket: WebSocket }> {
    const { url } = await listening({}, proxy)
    const socket = open(url)
    const one = new TestClient()
    await one.greet(createWebSocketStream(socket).on('error', () => {}))
    await one.listen()
    return { one, socket }
  }
})

// Any page opened in a browser on this machine could use a proxy server that is meant for this machine.
test('without origins, a server for this machine accepts only pages of this machine; programs may always connect', async () => {
  const { url } = await listening()
  const foreign = ['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null', '']
  for (const origin of foreign) expect(await status(url, { origin }), origin).toBe(403)
  const local = ['http://localhost:5173', 'https://app.localhost', 'http://127.0.0.1', 'http://[::1]:8080']
  for (const origin of local) expect(await status(url, { origin }), origin).toBe(101)
  expect(await status(url)).toBe(101)
  // An Android emulator reaches this machine at this address, and React Native derives the origin from the URL.
  expect(await status(url, { origin: 'http://10.0.2.2:8080', host: '10.0.2.2:8080' })).toBe(101)
  expect(await status(url, { origin: 'http://10.0.2.3:8080', host: '10.0.2.2:8080' })).toBe(403)
  expect(await status(url, { origin: 'http://rebound.example:80', host: 'rebound.example:80' })).toBe(403)
})

test.each<[string, ListenOptions]>([
  ['with * as an origin', { origins: ['*'] }],
  ['on all addresses', { host: '0.0.0.0' }]
])('a server accepts pages of any origin %s', async (_, options) => {
  const { url } = await listening(options)
  expect(await status(url, { origin: 'https://app.example' })).toBe(101)
})

test('onRefused hears of refused upgrades, with their origin and address', async () => {
  const refused: unknown[] = []
  const { url } = await listening({ origins: ['https://app.example'], onRefused: (refusal) => refused.push(refusal) })
  expect(await status(url, { origin: 'https://evil.example' })).toBe(403)
  expect(await status(url, { origin: 'https://app.example' })).toBe(101)
  expect(refused).toEqual([{ status: 403, origin: 'https://evil.example', remoteAddress: '127.0.0.1' }])
})

test('path, origins and maxConnections refuse upgrades', async () => {
  const { url } = await listening({ path: '/proxy', origins: ['https://app.example'], maxConnections: 2 })
  expect(await status(`${url}/other`)).toBe(404)
  expect(await status(`${url}/proxy`, { origin: 'https://evil.example' })).toBe(403)
  expect(await status(`${url}/proxy?token=1`, { origin: 'https://app.example' })).toBe(101)
  expect(await status(`${url}/proxy`)).toBe(101)
  expect(await status(`${url}/proxy`)).toBe(503)
})

test('a network may have as many WebSockets as are free, and not more than maxConnectionsPerNetwork', async () => {
  const remoteAddress = ({ headers }: IncomingMessage) => headers['x-address'] as string | undefined
  const from = (url: string, address: string) => status(url, { 'x-address': address })
  const { url } = await listening({ remoteAddress, maxConnections: 4 })
  const statuses = [await from(url, '192.0.2.1'), await from(url, '192.0.2.1'), await from(url, '192.0.2.1')]
  expect(statuses).toEqual([101, 101, 503])
  expect(await from(url, '198.51.100.1')).toBe(101)
  const capped = await listening({ remoteAddress, maxConnectionsPerNetwork: 1 })
  expect(await from(capped.url, '2001:db8::1')).toBe(101)
  expect(await from(capped.url, '2001:db8::2')).toBe(429)
  // Addresses that are not known have nothing in common.
  expect([await status(capped.url), await status(capped.url)]).toEqual([101, 101])
})

test('maxPendingConnections: connections that send no request give way to others', async () => {
  // They stayed open for a minute each, in any number.
  const { listener, url } = await listening({ maxPendingConnections: 2 })
  const { port } = listener.address as AddressInfo
  const ends: number[] = []
  for (let i = 0; i < 3; i++) {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {}).on('close', () => ends.push(i))
    await new Promise((resolve) => socket.once('connect', resolve))
  }
  await until(() => ends.length === 1)
  // Connections that have sent their request no longer count.
  const socket = open(url)
  await new Promise((resolve) => socket.once('open', resolve))
  await until(() => ends.length === 2)
  await client(url)
  expect(socket.readyState).toBe(WebSocket.OPEN)
  expect(ends.slice(0, 2)).toEqual([0, 1])
})

test('text and oversized messages close their connection', async () => {
  const { proxy, url } = await listening({ maxMessageBytes: 128 * 1024 })
  const closeCode = async (message: string | Uint8Array) => {
    const socket = open(url)
    await new Promise((resolve) => socket.on('open', resolve))
    socket.send(message)
    return new Promise((resolve) => socket.on('close', resolve))
  }
  expect(await closeCode('hello')).not.toBe(1000)
  const greeted = open(url)
  await new TestClient().greet(createWebSocketStream(greeted).on('error', () => {}))
  greeted.send(new Uint8Array(128 * 1024 + 1))
  // 1006 if the reset of the connection overtakes the close frame.
  expect([1009, 1006]).toContain(await new Promise((resolve) => greeted.on('close', resolve)))
  await until(() => proxy.stats.greetings === 0)
  await client(url)
})

test('compression is not used, even if the client offers it', async () => {
  const { url } = await listening()
  const socket = open(url)
  await new Promise((resolve) => socket.on('open', resolve))
  expect(socket.extensions).toBe('')
})

test('attached to an HTTP server, it leaves other requests to other listeners', async () => {
  const http = createServer((_, response) => response.end('page'))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void http.close(() => resolve())))
  const proxy = rendezvousServer()
  const listener = await listen(proxy, { server: http, path: '/swarm', remoteAddress: () => 'from a header' })
  const { port } = http.address() as AddressInfo
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page')
  let others = 0
  http.on('upgrade', (request, socket) => {
    if (request.url === '/swarm') return
    others++
    socket.destroy()
  })
  open(`ws://127.0.0.1:${port}/chat`)
  await until(() => others === 1)
  await client(`ws://127.0.0.1:${port}/swarm`)
  expect([...proxy.clients][0]?.remoteAddress).toBe('from a header')
  await listener.close()
  expect(http.listening).toBe(true)
  expect(http.listenerCount('upgrade')).toBe(1)
  http.closeAllConnections()
})

test('a plain request to its own server is told to upgrade; a port in use rejects', async () => {
  const { listener, proxy, url } = await listening()
  expect((await fetch(url.replace('ws', 'http'))).status).toBe(426)
  const { port } = listener.address as AddressInfo
  await expect(listen(proxy, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test.each([
  [{ path: 'no-slash' }, 'path'],
  [{ maxConnections: 0 }, 'maxConnections'],
  [{ maxConnectionsPerNetwork: 0 }, 'maxConnectionsPerNetwork'],
  [{ maxPendingConnections: 1.5 }, 'maxPendingConnections'],
  [{ maxMessageBytes: 10 }, 'maxMessageBytes'],
  [{ server: createServer(), port: 1 }, 'server and port']
])('a bad option is refused by name', async (options, name) => {
  await expect(listen(rendezvousServer(), options)).rejects.toThrow(name)
})

test('connections that break during the upgrade or close normally leave nothing behind', async () => {
  const { listener, proxy, url } = await listening()
  const { port } = listener.address as AddressInfo
  const raw = connect(port, '127.0.0.1', () => {
    raw.write('GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    raw.resetAndDestroy()
  })
  const one = await client(url)
  one.session.destroy()
  await until(() => proxy.clients.size === 0 && listener.connections === 0)
  const other = await client(url)
  await other.listen()
  await proxy.destroy()
  await until(() => other.closedWith !== null)
  expect(other.closedWith?.code).toBe('SERVER_CLOSING')
  await until(() => listener.connections === 0)
})

/** The status and the Retry-After with which an upgrade was refused. */
function refusal(url: string, headers?: Record<string, string>): Promise<[number | undefined, string | undefined]> {
  const socket = open(url, headers)
  return new Promise((resolve) => {
    socket.on('open', () => resolve([101, undefined]))
    socket.on('unexpected-response', (_, { headers: answered, statusCode }) =>
      resolve([statusCode, answered['retry-after']])
    )
  })
}

test('what is refused for now says when to try again; what is not ours does not', async () => {
  const limits = { maxConnections: 2, maxConnectionsPerNetwork: 1 }
  const remoteAddress = ({ headers }: IncomingMessage) => headers['x-address'] as string
  const { url } = await listening({ ...limits, remoteAddress, path: '/', origins: ['https://app.example'] })
  expect(await refusal(`${url}/other`)).toEqual([404, undefined])
  expect(await refusal(url, { origin: 'https://evil.example' })).toEqual([403, undefined])
  expect(await refusal(url, { 'x-address': '192.0.2.1' })).toEqual([101, undefined])
  expect(await refusal(url, { 'x-address': '192.0.2.1' })).toEqual([503, '5'])
  expect(await refusal(url, { 'x-address': '198.51.100.1' })).toEqual([101, undefined])
  const capped = await listening({ maxConnectionsPerNetwork: 1, remoteAddress })
  expect(await refusal(capped.url, { 'x-address': '192.0.2.1' })).toEqual([101, undefined])
  expect(await refusal(capped.url, { 'x-address': '192.0.2.1' })).toEqual([429, '5'])
})

test('a server that is stopping refuses programs with 503, and tells pages by a code, as they see no status', async () => {
  const { proxy, url } = await listening()
  await proxy.destroy()
  expect(await refusal(url)).toEqual([503, '1'])
  const page = new TestClient()
  const link = createWebSocketStream(open(url, { origin: url.replace('ws', 'http') })).on('error', () => {})
  await expect(page.greet(link)).rejects.toMatchObject({ code: 'SERVER_CLOSING', retry: true })
})

test('authenticate sees the request of the upgrade', async () => {
  // It saw credentials and an address: a session cookie or the origin were out of reach.
  const seen: ClientHello[] = []
  const authenticate = (hello: ClientHello) => seen.push(hello) > 0
  const { url } = await listening({}, rendezvousServer({ authenticate }))
  const socket = open(`${url}/proxy?room=5`, {
    cookie: 'session=abc',
    origin: 'http://127.0.0.1',
    authorization: 'Bearer x'
  })
  await new TestClient().greet(createWebSocketStream(socket).on('error', () => {}))
  expect(seen).toMatchObject([
    {
      remoteAddress: '127.0.0.1',
      request: {
        url: '/proxy?room=5',
        origin: 'http://127.0.0.1',
        cookies: { session: 'abc' },
        query: { room: '5' },
        headers: { authorization: 'Bearer x', cookie: 'session=abc' }
      }
    }
  ])
})
