/** What somebody who has not been greeted can do with a WebSocket. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { until } from '../../../runtime/test/support/until.js'
import { type ListenOptions, listen } from '../../src/websocket/index.js'
import { rendezvousServer } from '../support/servers.js'
import { TestClient } from '../support/test-client.js'

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n'
].join('\r\n')
const CONTINUATION = 0
const BINARY = 2
const PING = 9
const PONG = 10

/** A masked frame with a zero mask. */
function frame(opcode: number, isLast: boolean, bytes: number): Buffer {
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | bytes, 0, 0, 0, 0]), Buffer.alloc(bytes)])
}

function repeated(count: number, bytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes))
}

/** A ping of the protocol, in a message that is not complete. */
const PING_IN_PIECES = Buffer.concat([Buffer.from([2, 0x89, 0, 0, 0, 0]), Buffer.from([5, 0, 0, 0, 4, 0, 0, 0, 1])])
const LAST = frame(CONTINUATION, true, 0)

async function listening(options: ListenOptions = {}) {
  const proxy = rendezvousServer()
  const listener = await listen(proxy, { host: '127.0.0.1', ...options })
  onTestFinished(() => listener.close())
  return { listener, proxy, port: (listener.address as AddressInfo).port }
}

/** A socket on which an upgrade was asked for and answered. */
async function upgraded(port: number, request = UPGRADE): Promise<{ socket: Socket; closed: Promise<void> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve())
  })
  socket.write(request)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.resume()
  return { socket, closed }
}

async function greeted(port: number): Promise<{ client: TestClient; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  onTestFinished(() => socket.terminate())
  const client = new TestClient()
  await client.greet(createWebSocketStream(socket).on('error', () => {}))
  return { client, socket }
}

// 115 kB in fragments of one byte occupied 1.9 MB at the server, for each link of somebody without credentials.
test('a stranger may neither send many fragments, nor many bytes, nor dribble them', async () => {
  const { listener, port, proxy } = await listening()
  const floods = [
    Buffer.concat([frame(BINARY, false, 1), repeated(300, frame(CONTINUATION, false, 1))]),
    repeated(400, frame(PING, true, 100)),
    repeated(8000, frame(PONG, true, 0)),
    Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0]), Buffer.alloc(40_000)])
  ]
  for (const flood of floods) {
    const { closed, socket } = await upgraded(port)
    expect(proxy.stats.greetings).toBe(1)
    socket.write(flood)
    await closed
    await until(() => listener.connections === 0)
  }
  expect(proxy.stats.greetings).toBe(0)
})

test('maxFragments is an option', async () => {
  const { port } = await listening({ maxFragments: 4 })
  const { closed, socket } = await upgraded(port)
  socket.write(Buffer.concat([frame(BINARY, false, 1), repeated(5, frame(CONTINUATION, false, 1))]))
  await closed
})

test('a client that was greeted may send large messages, in fragments up to the limit', async () => {
  const { port, proxy } = await listening({ maxFragments: 4 })
  const { socket } = await greeted(port)
  const ping = Buffer.from([5, 0, 0, 0, 1, 0, 0, 0, 1])
  for (let i = 0; i < 3; i++) socket.send(ping.subarray(i, i + 1), { fin: false })
  socket.send(ping.subarray(3), { fin: true })
  // Ten times what a stranger may send.
  for (let i = 0; i < 64; i++) socket.send(repeated(600, ping))
  await until(() => socket.bufferedAmount === 0)
  expect(proxy.clients.size).toBe(1)
  expect([...proxy.clients][0]?.attached).toBe(true)
  const gone = new Promise<number>((resolve) => socket.once('close', resolve))
  for (let i = 0; i < 6; i++) socket.send(Buffer.alloc(1), { fin: false })
  await gone
})

// Below the messages nothing was counted after the greeting: pings and empty fragments took the server's time from others.
test.each([
  ['pings', repeated(12_000, frame(PING, true, 0))],
  ['fragments', repeated(800, Buffer.concat([PING_IN_PIECES, repeated(14, frame(CONTINUATION, false, 0)), LAST]))]
])('a greeted client that floods the server with %s loses its connection', async (_, flood) => {
  const { port, proxy } = await listening({ maxMessageBytes: 128 * 1024 })
  const { client, socket } = await greeted(port)
  const link = client.link
  if (link !== null) link.handler = null
  const below = (socket as unknown as { _socket: Socket })._socket
  const gone = new Promise((resolve) => socket.once('close', resolve))
  for (let i = 0; i < 8 && below.writable; i++) below.write(flood)
  await gone
  await until(() => proxy.stats.attached === 0)
})

// The answers to pings were kept for a client that did not read them.
test('a client that pings without reading is answered once it reads', async () => {
  const { port } = await listening()
  const { socket } = await greeted(port)
  const answers: string[] = []
  socket.on('pong', (data) => answers.push(String(data)))
  for (let i = 0; i < 50; i++) socket.ping(String(i))
  await until(() => answers.includes('49'))
})

// A refused connection stayed open until the other side closed it, which it need not.
test('an upgrade that is refused is closed at once, even if the other side keeps its half open', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const listener = await listen(rendezvousServer(), { server, path: '/swarm' })
  onTestFinished(() => listener.close())
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  await upgraded((server.address() as AddressInfo).port)
  let open = 1
  while (open > 0) open = await connections()
  expect(open).toBe(0)
})

// Connections over a Unix domain socket have no address. A request took the latest of them off the list of those without
// one, whichever it had come over, so that WebSockets in use were cut as the oldest.
test('over a Unix domain socket, a WebSocket is not cut for connections that send nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 's')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  const listener = await listen(rendezvousServer(), { server, maxPendingConnections: 2 })
  onTestFinished(() => listener.close())
  const open = () => {
    const socket = connect(path)
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    return socket
  }
  const client = open()
  await new Promise((resolve) => client.once('connect', resolve))
  const silent = open()
  await new Promise((resolve) => silent.once('connect', resolve))
  client.write(UPGRADE)
  await new Promise((resolve) => client.once('data', resolve))
  const cut = new Promise((resolve) => silent.once('close', resolve))
  for (let i = 0; i < 3; i++) open()
  await cut
  expect(client.destroyed).toBe(false)
  expect(listener.connections).toBe(1)
})

test('maxFragments must be a positive integer', async () => {
  await expect(listen(rendezvousServer(), { maxFragments: 0 })).rejects.toThrow('maxFragments')
})
