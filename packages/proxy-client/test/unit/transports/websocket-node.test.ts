/** Node's WebSocket as a duplex, against a real server. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { until } from '../../../../runtime/test/support/until.js'
import { ProxyClient } from '../../../src/index.js'
import { WebSocketDuplex } from '../../../src/transports/websocket/duplex.js'
import { MAX_FIRST_BYTES, MAX_MESSAGE_BYTES } from '../../../src/transports/websocket/limits.js'
import { openSocket } from '../../../src/transports/websocket/node.js'
import { websocket } from '../../../src/transports/websocket.js'

test('destroying it closes the connection at once, even if the other side is silent', async () => {
  // The closing handshake with a dead server kept the process waiting for half a minute.
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const sockets: Socket[] = []
  let isGone = false
  server.on('connection', (_, request) => {
    const { socket } = request
    sockets.push(socket)
    // Reads nothing from here on except the end of the connection.
    socket.removeAllListeners('data')
    socket.on('close', () => {
      isGone = true
    })
    socket.resume()
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const duplex = new WebSocketDuplex(openSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`))
  await new Promise<void>((resolve) => duplex.once('open', () => resolve()))
  await until('the connection', () => sockets.length === 1)
  duplex.destroy()
  await until('its end', () => isGone)
  expect(duplex.destroyed).toBe(true)
})

test('it says which address of the machine it uses, once it is open', async () => {
  const duplex = new WebSocketDuplex(openSocket(await rawServer(() => {})))
  onTestFinished(() => duplex.destroy())
  await new Promise<void>((resolve) => duplex.once('open', () => resolve()))
  expect(duplex.localAddress).toBe('127.0.0.1')
})

/** A server that accepts WebSockets and then writes what the test wants. Returns its URL. */
async function rawServer(serve: (socket: Socket) => void): Promise<string> {
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const key = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    sockets.add(socket.on('error', () => {}))
    const accept = `Sec-WebSocket-Accept: ${key.digest('base64')}`
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const CONTINUATION = 0
const BINARY = 2
const FIN = 0x80

/** A frame of a server: its header claims `length` bytes, whatever follows. */
function frame(opcode: number, length: number, body = Buffer.alloc(length)): Buffer {
  const header = Buffer.from([opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0])
  header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, body])
}

function many(part: Buffer): Buffer {
  return Buffer.concat(Array(1000).fill(part))
}

/** Writes chunk after chunk, as fast as they are accepted. */
function pour(socket: Socket, next: (index: number) => Buffer): void {
  let index = 0
  const write = (): void => {
    while (!socket.destroyed && socket.write(next(index++)));
  }
  socket.on('drain', write)
  write()
}

/** Opens a duplex. Resolves to the code with which it ended, and how many bytes it had read from the connection. */
async function ending(url: string): Promise<{ code: string | undefined; bytesRead: number; messages: number[] }> {
  const socket = openSocket(url)
  const duplex = new WebSocketDuplex(socket)
  onTestFinished(() => duplex.destroy())
  const messages: number[] = []
  let connection: Socket | null = null
  ;(socket as unknown as WebSocket).once('upgrade', (response) => {
    connection = response.socket
  })
  duplex.on('data', ({ byteLength }) => messages.push(byteLength))
  let code: string | undefined
  duplex.on('error', (error) => {
    code = (error as Error & { code?: string }).code
  })
  await new Promise<void>((resolve) => duplex.once('close', () => resolve()))
  return { code, bytesRead: (connection as Socket | null)?.bytesRead ?? 0, messages }
}

// A server that had not even greeted could make a client buffer 100 MiB, the default of `ws`.
describe('a client buffers little from a server that has not greeted it', () => {
  /** One read of the socket may come on top. */
  const MOST = MAX_FIRST_BYTES + 3 * 64 * 1024

  test.each<[string, (socket: Socket) => void]>([
    ['one endless frame', (socket) => pour(socket, (i) => (i === 0 ? frame(BINARY, 900_000) : Buffer.alloc(65_536)))],
    ['a frame beyond all limits', (socket) => socket.write(frame(BINARY | FIN, 2 ** 31, Buffer.alloc(0)))],
    ['large parts', (socket) => pour(socket, (i) => frame(i === 0 ? BINARY : CONTINUATION, 100_000))],
    ['tiny parts', (socket) => pour(socket, (i) => (i === 0 ? frame(BINARY, 1) : many(frame(CONTINUATION, 1))))],
    ['empty parts', (socket) => pour(socket, (i) => (i === 0 ? frame(BINARY, 0) : many(frame(CONTINUATION, 0))))],
    ['a whole message', (socket) => socket.write(frame(BINARY | FIN, MAX_FIRST_BYTES + 1))]
  ])('%s', async (_, serve) => {
    const { bytesRead, code, messages } = await ending(await rawServer(serve))
    expect(code).toBe('FRAME_TOO_LARGE')
    expect(bytesRead).toBeLessThan(MOST)
    expect(messages).toEqual([])
  })

  test('and its application receives the code', async () => {
    const url = await rawServer((socket) => pour(socket, (i) => frame(i === 0 ? BINARY : CONTINUATION, 50_000)))
    const client = new ProxyClient({ connect: websocket(url) })
    onTestFinished(() => client.destroy())
    const code = await new Promise((resolve) => client.once('disconnected', ({ error }) => resolve(error.code)))
    expect(code).toBe('FRAME_TOO_LARGE')
  })

  test('later messages may be larger, up to the most that a server puts into one', async () => {
    const sizes = [MAX_FIRST_BYTES, MAX_MESSAGE_BYTES]
    const url = await rawServer((socket) => {
      for (const size of [...sizes, MAX_MESSAGE_BYTES + 1]) socket.write(frame(BINARY | FIN, size))
    })
    const { code, messages } = await ending(url)
    expect(messages).toEqual(sizes)
    expect(code).toBe('FRAME_TOO_LARGE')
  })
})
