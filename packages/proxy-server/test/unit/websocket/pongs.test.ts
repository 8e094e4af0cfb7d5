import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Pongs } from '../../../src/websocket/pongs.js'

class FakeSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  sent: string[] = []
  callbacks: (() => void)[] = []
  pong(data: Uint8Array, _mask: boolean, onSent: () => void): void {
    this.sent.push(String(data))
    this.callbacks.push(onSent)
  }
  ping(text: string): void {
    this.emit('ping', Buffer.from(text))
  }
}

// A socket that is not read kept a pong for every ping.
test('one pong is on its way at a time, and the last of the pings that wait is answered', () => {
  const socket = new FakeSocket()
  new Pongs(socket)
  for (const text of ['1', '2', '3']) socket.ping(text)
  expect(socket.sent).toEqual(['1'])
  socket.callbacks[0]?.()
  expect(socket.sent).toEqual(['1', '3'])
  socket.callbacks[1]?.()
  expect(socket.sent).toHaveLength(2)
  socket.ping('4')
  expect(socket.sent).toEqual(['1', '3', '4'])
})

test('a socket that is closing is not answered', () => {
  const socket = new FakeSocket()
  new Pongs(socket)
  socket.readyState = 2
  socket.ping('1')
  expect(socket.sent).toEqual([])
})
