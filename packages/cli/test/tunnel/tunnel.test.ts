import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { Tunnel } from '../../src/tunnel/tunnel.js'
import { WINDOW_BYTES } from '../../src/tunnel/wire.js'
import { tcpServer } from './support.js'

/** A tunnel whose socket leads to a service here, and what it sends. */
async function tunnel() {
  const services: Socket[] = []
  const { port } = await tcpServer((socket) => services.push(socket.resume()))
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const sent = { bytes: 0, ends: 0, resets: 0 }
  const carried = new Tunnel(socket, {
    data: async (chunk) => {
      sent.bytes += chunk.byteLength
    },
    end: () => void sent.ends++,
    reset: () => void sent.resets++,
    credit: () => {}
  })
  await until('the service to be reached', () => services.length > 0)
  return { carried, sent, service: services[0] as Socket, socket }
}

/** The program has ended its request, and its reader pauses: the last byte of the answer waits for credit. */
async function withLastByteWaiting() {
  const parts = await tunnel()
  parts.carried.onEnd()
  parts.service.write(Buffer.alloc(WINDOW_BYTES))
  await until('the window to be full', () => parts.sent.bytes === WINDOW_BYTES)
  parts.service.end('!')
  if (!parts.socket.closed) await once(parts.socket, 'close')
  return parts
}

// The socket closes once it has ended in both directions. What still waited for credit was lost, and a reset was sent.
test('a program that ends its request gets the whole answer although its reader pauses', async () => {
  const { carried, sent } = await withLastByteWaiting()
  carried.onCredit(1)
  await carried.closed
  expect(sent).toEqual({ bytes: WINDOW_BYTES + 1, ends: 1, resets: 0 })
})

test('a tunnel whose last bytes wait is over when the other side leaves', async () => {
  const { carried, sent } = await withLastByteWaiting()
  carried.abort()
  await carried.closed
  expect(sent).toEqual({ bytes: WINDOW_BYTES, ends: 0, resets: 0 })
})
