import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { HEAD_BYTES } from '../../../src/fleet/links/record.js'
import { SealedDuplex } from '../../../src/fleet/links/sealed-duplex.js'

const [TX, RX, KEY] = [randomBytes(32), randomBytes(32), randomBytes(32)]

/** What goes over the network when these bytes are written, and then this data of a stream. */
function sealed(bytes: Uint8Array, payload = new Uint8Array(0)): Promise<Uint8Array> {
  const whole = HEAD_BYTES + bytes.byteLength + payload.byteLength
  return sent(whole, (duplex) => {
    duplex.cork()
    duplex.write(bytes)
    if (payload.byteLength > 0) duplex.writePayload(payload)
    duplex.uncork()
  })
}

/** So many bytes that go over the network. */
async function sent(count: number, write: (duplex: SealedDuplex) => void): Promise<Uint8Array> {
  const received: Uint8Array[] = []
  const server = createServer((socket) => void socket.on('data', (chunk) => received.push(chunk)).on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has a port')
  const socket = connect(address.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  write(new SealedDuplex(socket, { tx: TX, rx: RX }, KEY))
  await until('it has arrived', () => b4a.concat(received).byteLength === count)
  return b4a.concat(received)
}

/** The other end, which the test gives its bytes. */
function reader() {
  const socket = new Socket()
  const duplex = new SealedDuplex(socket, { tx: RX, rx: TX }, KEY)
  const pieces: Uint8Array[] = []
  duplex.on('data', (piece: Uint8Array) => pieces.push(piece))
  return { socket, pieces }
}

// A server that sent a record of 4 MiB byte by byte had the other one keep four million pieces of memory.
test('a record that comes byte by byte is kept in few pieces, and is read', async () => {
  const bytes = randomBytes(5000)
  const record = await sealed(bytes)
  const { pieces, socket } = reader()
  for (let i = 0; i < record.byteLength; i++) socket.emit('data', Buffer.from(record.subarray(i, i + 1)))
  expect(b4a.equals(b4a.concat(pieces), bytes)).toBe(true)
  expect(pieces.length).toBeLessThanOrEqual(1025)
})

// The data of streams was encrypted by the two clients already; doing it once more was half of what the link cost.
test('data of streams goes out as it is, in its place, and comes in pieces of any size', async () => {
  const [head, payload] = [randomBytes(20), randomBytes(40_000)]
  const bytes = await sealed(head, payload)
  expect(b4a.indexOf(bytes, payload)).toBe(HEAD_BYTES + head.byteLength)
  expect(b4a.indexOf(bytes, head)).toBe(-1)
  for (const size of [1, 29, 1000, bytes.byteLength]) {
    const { pieces, socket } = reader()
    for (let i = 0; i < bytes.byteLength; i += size) socket.emit('data', Buffer.from(bytes.subarray(i, i + size)))
    expect(b4a.equals(b4a.concat(pieces), b4a.concat([head, payload])), `in pieces of ${size}`).toBe(true)
  }
})

test('what is written while corked goes out together, and is read in the order in which it was written', async () => {
  const pieces = [10, 30_000, 500, 40_000, 20_000, 7].map((length) => randomBytes(length))
  const [head, first, between, second, third, last] = pieces as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
  // Two records have something sealed and data, one has only data, one has none.
  const bytes = b4a.concat(pieces).byteLength + 4 * HEAD_BYTES
  const records = await sent(bytes, (duplex) => {
    duplex.cork()
    duplex.write(head)
    duplex.writePayload(first)
    duplex.write(between)
    duplex.writePayload(second)
    duplex.writePayload(third)
    duplex.write(last)
    duplex.uncork()
  })
  for (const size of [1, 1000, 25_000, bytes]) {
    const { pieces: read, socket } = reader()
    for (let i = 0; i < bytes; i += size) socket.emit('data', Buffer.from(records.subarray(i, i + size)))
    expect(b4a.equals(b4a.concat(read), b4a.concat(pieces)), `in pieces of ${size}`).toBe(true)
  }
})

// What is sealed and the data behind it were passed on apart, so the other side copied each frame together.
test('a record is passed on as one piece of memory, without a copy if it came so', async () => {
  const [head, payload] = [randomBytes(9), randomBytes(40_000)]
  const record = Buffer.from(await sealed(head, payload))
  const { pieces, socket } = reader()
  socket.emit('data', record.subarray(0, 10_000))
  socket.emit('data', record.subarray(10_000))
  expect(pieces).toHaveLength(1)
  expect(pieces[0]?.buffer).toBe(record.buffer)
})

test.each([
  ['the length of the sealed part', 0],
  ['the length of the data', 4],
  ['the tag', 8],
  ['what is sealed', HEAD_BYTES]
])('if somebody on the way changes %s, the link ends and nothing is passed on', async (_, at) => {
  const bytes = await sealed(randomBytes(20), randomBytes(100))
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const { pieces, socket } = reader()
  socket.emit('data', b4a.concat([bytes, new Uint8Array(100)]))
  expect([socket.destroyed, pieces]).toEqual([true, []])
})

test('lengths beyond the limit end the link before anything is kept', () => {
  for (const [sealedBytes, openBytes] of [
    [0, 0],
    [2 ** 31, 0],
    [1, 2 ** 31]
  ] as const) {
    const { socket } = reader()
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt32LE(sealedBytes, 0)
    head.writeUInt32LE(openBytes, 4)
    socket.emit('data', head)
    expect(socket.destroyed).toBe(true)
  }
})
