/** The web server of the public port: what strangers can do with plain requests. */
import type { RequestListener, ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { createWebServer, listen } from '../../src/websocket/index.js'
import { rendezvousServer } from '../support/servers.js'

async function setUp(answer?: RequestListener) {
  const clock = new FakeClock()
  const server = createWebServer({
    clock,
    remoteAddress: ({ headers }) => headers['x-forwarded-for'] as string | undefined,
    ...(answer !== undefined && { answer })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const closed = new Promise((resolve) => server.once('close', resolve))
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await closed
  })
  return { clock, server, port: (server.address() as AddressInfo).port }
}

interface Stranger {
  readonly socket: Socket
  /** All that was received. */
  text: string
  isClosed: boolean
}

function send(port: number, bytes: string): Stranger {
  const socket = connect(port, '127.0.0.1')
  const stranger: Stranger = { socket, text: '', isClosed: false }
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    stranger.text += String(chunk)
  })
  socket.on('close', () => {
    stranger.isClosed = true
  })
  socket.write(bytes)
  return stranger
}

function get(network: string, path = '/', method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${network}\r\n\r\n`
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

// Node parsed every request of a piece before the first was answered: 64 kB, with 2,000 of them, took as long as the
// work of many clients.
test('of requests that arrive in one piece, one is answered', async () => {
  let answered = 0
  const { port } = await setUp((_request, response) => {
    answered++
    response.end('hello')
  })
  const stranger = send(port, get('192.0.2.1').repeat(100))
  await until('the connection to close', () => stranger.isClosed)
  expect(answered).toBe(1)
})

// 30 strangers who came back as soon as they were answered kept the server so busy that a join took ten times as long.
test('beyond fifty a second of a network, plain requests wait; other networks do not', async () => {
  const { clock, port } = await setUp()
  const strangers = times(60, () => send(port, get('192.0.2.1')))
  const closed = () => strangers.filter((stranger) => stranger.isClosed).length
  await until('fifty answers', () => closed() === 50)
  const other = send(port, get('198.51.100.1'))
  await until('the answer to another network', () => other.isClosed)
  expect(other.text).toMatch(/^HTTP\/1.1 426 /)
  await clock.advance(1000)
  await until('all to be answered, a second later', () => closed() === 60)
  expect(strangers.every(({ text }) => text.startsWith('HTTP/1.1 426 '))).toBe(true)
})

test('what is not HTTP is answered with 400, and counts like a request', async () => {
  const { port } = await setUp()
  const stranger = send(port, 'hello?\r\n\r\n')
  await until('the connection to close', () => stranger.isClosed)
  expect(stranger.text).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
})

test('a request with a body and HEAD are answered, and the connection closes', async () => {
  const { port } = await setUp((request, response) => response.end(request.method))
  const post = send(port, `${get('192.0.2.1', '/', 'POST').trimEnd()}\r\nContent-Length: 5\r\n\r\nhello`)
  const head = send(port, get('192.0.2.1', '/', 'HEAD'))
  await until('the connections to close', () => post.isClosed && head.isClosed)
  expect(post.text).toMatch(/\r\n\r\nPOST$/)
  expect(head.text).toMatch(/Connection: close\r\n/)
  expect(head.text).toMatch(/\r\n\r\n$/)
})

test('a long answer arrives whole, though its reader makes it wait', async () => {
  const size = 20 * 1024 * 1024
  let wasFull = false
  const { port } = await setUp((_request, response) => {
    if (response.write('x'.repeat(size))) return response.end()
    wasFull = true
    return response.once('drain', () => response.end('the end'))
  })
  const stranger = send(port, get('192.0.2.1'))
  await until('the end', () => stranger.isClosed)
  expect([wasFull, stranger.text.includes('the end'), stranger.text.length > size]).toEqual([true, true, true])
})

// A stranger who asks and never reads the answer could otherwise take every connection that the server may have.
test('a network may have half of the 1,024 answers that are under way', async () => {
  const open: ServerResponse[] = []
  const { clock, port } = await setUp((_request, response) => void open.push(response))
  const strangers = times(513, () => send(port, get('192.0.2.1')))
  while (!strangers.some(({ isClosed }) => isClosed)) await clock.advance(100)
  expect(open).toHaveLength(512)
  expect(strangers.find(({ isClosed }) => isClosed)?.text).toMatch(/^HTTP\/1.1 503 /)
  send(port, get('198.51.100.1'))
  await until('another network to be answered', () => open.length === 513)
})

test('to close all connections ends those that wait for an answer, too', async () => {
  let asked = 0
  const { port, server } = await setUp(() => void asked++)
  const stranger = send(port, get('192.0.2.1'))
  await until('the request', () => asked === 1)
  server.closeAllConnections()
  await until('the connection to close', () => stranger.isClosed)
})

test('listen takes the WebSockets of the server, and leaves other requests to it', async () => {
  const { port, server } = await setUp((_request, response) => response.end('the site'))
  const listener = await listen(rendezvousServer(), { server, path: '/swarm' })
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('the site')
  const upgrade = (path: string) =>
    send(
      port,
      get('192.0.2.1', path).replace(
        'Host: x',
        'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
      )
    )
  const [here, elsewhere] = [upgrade('/swarm'), upgrade('/')]
  await until('both to be answered', () => here.text !== '' && elsewhere.text !== '')
  expect([here.text.slice(9, 12), elsewhere.text.slice(9, 12)]).toEqual(['101', '404'])
  await listener.close()
  const late = upgrade('/swarm')
  await until('the site to answer what nobody else takes', () => late.isClosed)
  expect(late.text).toMatch(/the site$/)
})
