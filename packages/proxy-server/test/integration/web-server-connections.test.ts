/** New connections of strangers to the web server of the public port. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { createWebServer, listen, type WebServerOptions } from '../../src/websocket/index.js'
import { listenToAddresses } from '../support/addressed-server.js'
import { authority, opensslObstacle, temporaryFolder } from '../support/broker-credentials.js'
import { rendezvousServer } from '../support/servers.js'

const STRANGER = '192.0.2.1'

/** A server, and a way to connect to it from any address. */
async function setUp(options: WebServerOptions = {}) {
  const clock = new FakeClock()
  const server = createWebServer({ clock, answer: (_request, response) => response.end('hello'), ...options })
  return { clock, open: await listenToAddresses(server), server }
}

function get(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return socket.resume()
}

async function answered(socket: Socket): Promise<void> {
  await until('the answer', () => socket.bytesRead > 0)
}

// Programs that connected again and again took the server's time, whatever it answered.
test('connectionsPerSecond: further connections of a network wait unread; those of other networks do not', async () => {
  const { clock, open } = await setUp({ connectionsPerSecond: 2 })
  const sockets: Socket[] = []
  for (let i = 0; i < 4; i++) sockets.push(await open(STRANGER, get))
  await answered(await open('198.51.100.1', get))
  await answered(await open('127.0.0.1', get))
  for (const socket of sockets.slice(0, 2)) await answered(socket)
  expect(sockets.slice(2).map(({ bytesRead }) => bytesRead)).toEqual([0, 0])
  await clock.advanceUntil(() => sockets.every(({ bytesRead }) => bytesRead > 0))
})

// Each handshake costs the server a signature.
test.skipIf(opensslObstacle() !== null)('connections wait before their TLS handshake', async () => {
  const { cert, key } = authority(temporaryFolder()).sign('server')
  const tls = { cert: readFileSync(cert), key: readFileSync(key) }
  const { clock, open, server } = await setUp({ connectionsPerSecond: 1, tls })
  let handshakes = 0
  server.on('secureConnection', () => handshakes++)
  const greet = (port: number) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  const sockets: Socket[] = []
  for (let i = 0; i < 3; i++) sockets.push(await open(STRANGER, greet))
  const other = await open('198.51.100.1', greet)
  await answered(other)
  await until('the handshakes of two networks', () => handshakes >= 2)
  expect([handshakes, ...sockets.slice(1).map(({ bytesRead }) => bytesRead)]).toEqual([2, 0, 0])
  await clock.advanceUntil(() => handshakes === 4)
})

test('connections that wait count as pending: the oldest of the network with the most gives way', async () => {
  const { open, server } = await setUp({ connectionsPerSecond: 1 })
  const listener = await listen(rendezvousServer(), { server, maxPendingConnections: 2 })
  onTestFinished(() => listener.close())
  await answered(await open(STRANGER, get))
  const waiting: Socket[] = []
  for (let i = 0; i < 3; i++) waiting.push(await open(STRANGER, get))
  await until('the oldest to be cut', () => waiting[0]?.closed === true)
  expect(waiting.map(({ bytesRead }) => bytesRead)).toEqual([0, 0, 0])
  expect(waiting.slice(1).map(({ closed }) => closed)).toEqual([false, false])
})

test('to close all connections ends those that wait to be let in', async () => {
  const { open, server } = await setUp({ connectionsPerSecond: 1 })
  await answered(await open(STRANGER, get))
  const socket = await open(STRANGER, get)
  await answered(await open('198.51.100.1', get))
  server.closeAllConnections()
  await until('the connection to close', () => socket.closed)
  expect(socket.bytesRead).toBe(0)
})

test('with remoteAddress, connections do not wait: those of a reverse proxy are many clients', async () => {
  const { open } = await setUp({ connectionsPerSecond: 1, remoteAddress: () => '203.0.113.1' })
  for (let i = 0; i < 3; i++) await answered(await open(STRANGER, get))
})

test.each([0, 1.5, Number.NaN])('connectionsPerSecond must be a positive integer, not %s', (connectionsPerSecond) => {
  expect(() => createWebServer({ connectionsPerSecond })).toThrow('connectionsPerSecond')
})
