/** A WebSocket as a duplex, against a socket that the test plays. */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { WebSocketDuplex } from '../src/websocket/duplex.js'
import type { SocketLike } from '../src/websocket/socket.js'
import { until } from './support/until.js'

class FakeSocket {
  binaryType = 'arraybuffer'
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []
  readonly closed: (number | undefined)[] = []
  readonly #listeners = new Map<string, (event: never) => void>()

  send(data: Uint8Array): void {
    this.sent.push(data)
  }

  close(code?: number): void {
    this.closed.push(code)
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener)
  }

  fire(type: string, event: object = {}): void {
    this.#listeners.get(type)?.(event as never)
  }
}

function create() {
  const socket = new FakeSocket()
  const duplex = new WebSocketDuplex(socket as unknown as SocketLike)
  const said: unknown[] = []
  for (const event of ['end', 'close', 'drain'] as const) duplex.on(event, () => said.push(event))
  duplex.on('error', (error) => said.push(error.message))
  return { socket, duplex, said }
}

test('what comes before anybody listens is kept: a server that is full refuses before the client has said a word', async () => {
  const { duplex, socket } = create()
  socket.fire('message', { data: b4a.from('den') })
  socket.fire('message', { data: new Uint8Array(b4a.from('ied')).buffer })
  const chunks: Uint8Array[] = []
  duplex.on('data', (chunk) => chunks.push(chunk))
  expect(chunks, 'not while the listener is being set up').toEqual([])
  await until('the bytes', () => chunks.length === 2)
  expect(b4a.toString(b4a.concat(chunks))).toBe('denied')
})

test('what is written between cork and uncork is one message, a single chunk goes uncopied', () => {
  const { duplex, socket } = create()
  duplex.cork()
  for (const part of ['a', 'b', 'c']) duplex.write(b4a.from(part))
  expect(socket.sent).toEqual([])
  duplex.uncork()
  const chunk = b4a.from('alone')
  duplex.write(chunk)
  expect(socket.sent.map((message) => b4a.toString(message))).toEqual(['abc', 'alone'])
  expect(socket.sent[1]).toBe(chunk)
})

test('a full socket asks to wait, and says when it has drained; again and again', async () => {
  const { duplex, said, socket } = create()
  for (let stall = 1; stall <= 2; stall++) {
    socket.bufferedAmount = 2 ** 20
    expect(duplex.write(b4a.from('x'))).toBe(false)
    expect(duplex.write(b4a.from('y'))).toBe(false)
    socket.bufferedAmount = 0
    await until('drain', () => said.length === stall)
    expect(duplex.write(b4a.from('z'))).toBe(true)
  }
  expect(said).toEqual(['drain', 'drain'])
})

test.each([
  ['a normal close', { code: 1000, reason: '' }, ['end', 'close']],
  ['any other close', { code: 1013, reason: 'full' }, ['the WebSocket closed with 1013: full', 'close']]
])('%s ends it once', (_, event, expected) => {
  const { duplex, said, socket } = create()
  socket.fire('close', event)
  socket.fire('close', event)
  socket.fire('message', { data: b4a.from('late') })
  duplex.destroy()
  expect(said).toEqual(expected)
  duplex.write(b4a.from('nobody'))
  expect(socket.sent).toEqual([])
})

test('text is an error, and destroying it leaves no timer', () => {
  const { duplex, said, socket } = create()
  socket.bufferedAmount = 2 ** 20
  duplex.write(b4a.from('x'))
  socket.fire('message', { data: 'text' })
  expect(said).toEqual(['the WebSocket delivered text; the server is no proxy server', 'close'])
})
