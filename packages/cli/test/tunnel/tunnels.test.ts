import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { standstill, until } from '../../../runtime/test/support/until.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { encodeCredit } from '../../src/shared/channel/credit.js'
import { Tunnels } from '../../src/tunnel/tunnels.js'
import { encodeNumbered, MAX_TUNNELS, MESSAGE, WINDOW_BYTES } from '../../src/tunnel/wire.js'
import { connectionPair } from '../support/connections.js'
import { tcpClient, tcpServer } from './support.js'

const NOBODY = { onMessage: () => {}, onClose: () => {} }

function channels(): [Channel, Channel] {
  const [a, b] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  return [new Channel(a, NOBODY), new Channel(b, NOBODY)]
}

/** A port here that leads to `port` over a connection in memory. */
async function tunnelTo(port: number) {
  const [near, far] = channels()
  const serving = new Tunnels(far, () => connect({ host: '127.0.0.1', port, allowHalfOpen: true }))
  const connecting = new Tunnels(near, null)
  const entrance = await tcpServer((socket) => connecting.open(socket))
  return { port: entrance.port, near, serving, connecting }
}

test('a program that ends its request still gets the answer, and both sides forget the connection', async () => {
  const service = await tcpServer((socket) => {
    let request = ''
    socket.on('data', (data) => {
      request += data
    })
    // It answers once the request has ended, as a program that reads to the end does.
    socket.on('end', () => socket.end(`answer to ${request}`))
  })
  const { connecting, port, serving } = await tunnelTo(service.port)
  const client = tcpClient(port)
  client.socket.end('request')
  await until('the answer', () => client.hasEnded)
  expect(client.text()).toBe('answer to request')
  await until('nothing to be left', () => connecting.count === 0 && serving.count === 0)
})

test('several connections at once do not mix', async () => {
  const service = await tcpServer((socket) => socket.on('data', (data) => socket.write(data)))
  const { port } = await tunnelTo(service.port)
  const clients = Array.from({ length: 20 }, () => tcpClient(port))
  for (const [i, { socket }] of clients.entries()) socket.write(`client ${i}`)
  await until('all echoes', () => clients.every(({ text }, i) => text() === `client ${i}`))
})

// Without back-pressure, a service that is slower than its client fills the memory of its machine.
test('a reader that does not read stops its writer within a window, and other connections go on', async () => {
  let isFirst = true
  const service = await tcpServer((socket) => {
    if (isFirst) socket.pause()
    else socket.on('data', (data) => socket.write(data))
    isFirst = false
  })
  const { near, port } = await tunnelTo(service.port)
  let carried = 0
  const send = near.send.bind(near)
  near.send = (type, payload) => {
    if (type === MESSAGE.data) carried += (payload?.byteLength ?? 4) - 4
    return send(type, payload)
  }
  const stalled = tcpClient(port)
  let isFull = false
  const fill = () => {
    while (stalled.socket.write(Buffer.alloc(65_536)));
    isFull = true
  }
  stalled.socket.on('drain', fill)
  fill()
  await until('the writer to be stopped', () => isFull && carried > WINDOW_BYTES / 2)
  // The sockets' buffers of the kernel take a part of it, and that is credited.
  await standstill(() => carried)
  const other = tcpClient(port)
  other.socket.write('hello')
  await until('the other connection to be served', () => other.text() === 'hello')
  const before = carried
  other.socket.write('!'.repeat(1000))
  await until('the other connection to be served again', () => other.bytes() === 1005)
  expect(carried - before).toBeLessThan(WINDOW_BYTES)
})

test('a service that is not there resets the program that connects', async () => {
  const service = await tcpServer(() => {})
  await new Promise((resolve) => service.server.close(resolve))
  const { connecting, port } = await tunnelTo(service.port)
  const client = tcpClient(port)
  await until('the reset', () => client.errors.length > 0)
  expect(client.errors).toEqual(['ECONNRESET'])
  await until('nothing to be left', () => connecting.count === 0)
})

test('when the peer leaves, open connections are reset, so that nothing seems complete', async () => {
  const service = await tcpServer((socket) => socket.write('half of it'))
  const { near, port } = await tunnelTo(service.port)
  const client = tcpClient(port)
  await until('the first half', () => client.text() === 'half of it')
  near.destroy()
  await until('the reset', () => client.errors.length > 0)
  expect(client.hasEnded).toBe(false)
})

test.each<[string, number, Uint8Array]>([
  ['opens a connection twice', MESSAGE.open, encodeNumbered(1)],
  ['sends more than it may', MESSAGE.data, encodeNumbered(1, new Uint8Array(WINDOW_BYTES + 1))],
  ['sends a message that is too short', MESSAGE.data, new Uint8Array(3)],
  ['sends a credit that is none', MESSAGE.credit, encodeNumbered(1, new Uint8Array(1))],
  ['sends an unknown message', 99, encodeNumbered(1)]
])('a peer that %s loses its connection', async (_what, type, message) => {
  const service = await tcpServer((socket) => socket.pause())
  const [near, far] = channels()
  const serving = new Tunnels(far, () => connect({ host: '127.0.0.1', port: service.port, allowHalfOpen: true }))
  near.send(MESSAGE.open, encodeNumbered(1))
  near.send(MESSAGE.credit, encodeNumbered(1, encodeCredit(1)))
  near.send(type, message)
  await until('the connection to close', () => near.isClosed)
  await until('nothing to be left', () => serving.count === 0)
})

test('the side that connects accepts no connections', async () => {
  const [near, far] = channels()
  new Tunnels(near, null)
  far.send(MESSAGE.open, encodeNumbered(1))
  await until('the connection to close', () => far.isClosed)
})

test(`more than ${MAX_TUNNELS} connections of one peer are reset`, async () => {
  const service = await tcpServer(() => {})
  const [near, far] = channels()
  const refused: number[] = []
  near.receiver = {
    onMessage: (type, payload) => void (type === MESSAGE.reset && refused.push(payload[0] ?? 0)),
    onClose: () => {}
  }
  new Tunnels(far, () => connect({ host: '127.0.0.1', port: service.port, allowHalfOpen: true }))
  for (let id = 1; id <= MAX_TUNNELS + 1; id++) near.send(MESSAGE.open, encodeNumbered(id))
  await until('the last to be refused', () => refused.length > 0)
  expect(refused).toEqual([MAX_TUNNELS + 1])
  near.destroy()
  await until('the connection to close', () => far.isClosed)
})
