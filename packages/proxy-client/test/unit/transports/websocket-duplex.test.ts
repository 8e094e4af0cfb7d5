/** The duplex of a WebSocket, over a fake that the test controls. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocketDuplex } from '../../../src/transports/websocket/duplex.js'
import type { SocketLike } from '../../../src/transports/websocket/socket.js'

const FULL_BYTES = 2 * 1024 * 1024

/** A WebSocket whose buffered amount the test sets. */
class FakeSocket extends EventEmitter {
  binaryType = 'arraybuffer'
  readyState = 1
  bufferedAmount = 0
  readonly addEventListener = this.on

  send(): void {}

  readonly closedWith: (number | undefined)[] = []

  close(code?: number): void {
    this.closedWith.push(code)
  }
}

// A browser buffers a message of any size; all that can be done is to refuse it.
test.each([
  ['the first message, from a server that has not greeted', [64 * 1024 + 1]],
  ['a later one', [1, 64 * 1024, 1024 * 1024 + 1]]
])('a message that is too large ends the link with a code: %s', (_, sizes) => {
  const socket = new FakeSocket()
  const duplex = new WebSocketDuplex(socket as unknown as SocketLike)
  const [received, errors] = [[] as number[], [] as unknown[]]
  duplex.on('data', ({ byteLength }) => received.push(byteLength))
  duplex.on('error', (error) => errors.push((error as Error & { code?: string }).code))
  for (const size of sizes) socket.emit('message', { data: new ArrayBuffer(size) })
  expect(received).toEqual(sizes.slice(0, -1))
  expect(errors).toEqual(['FRAME_TOO_LARGE'])
  expect(duplex.destroyed).toBe(true)
})

test('a socket whose session will be resumed is closed with a code of its own, one that is done with 1000', () => {
  // A browser cannot cut a socket, and a server takes 1000 and 1001 for the end of a page.
  const [cut, ended] = [new FakeSocket(), new FakeSocket()]
  new WebSocketDuplex(cut as unknown as SocketLike).destroy()
  new WebSocketDuplex(ended as unknown as SocketLike).end()
  expect([cut.closedWith, ended.closedWith]).toEqual([[4000], [1000]])
})

test('in a hidden page, where timers hardly fire, arriving data triggers the check for room', () => {
  const socket = new FakeSocket()
  const duplex = new WebSocketDuplex(socket as unknown as SocketLike)
  let drains = 0
  duplex.on('drain', () => drains++)
  duplex.on('data', () => {})
  socket.bufferedAmount = FULL_BYTES
  expect(duplex.write(new Uint8Array(1))).toBe(false)
  const arrive = () => socket.emit('message', { data: new ArrayBuffer(1) })
  arrive()
  expect([drains, duplex.write(new Uint8Array(1))]).toEqual([0, false])
  socket.bufferedAmount = 0
  arrive()
  expect([drains, duplex.write(new Uint8Array(1))]).toEqual([1, true])
  duplex.destroy()
})
