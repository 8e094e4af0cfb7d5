import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { SealedDuplex } from '../../../src/fleet/links/sealed-duplex.js'

const [TX, RX, KEY] = [randomBytes(32), randomBytes(32), randomBytes(32)]
const [HEADER_BYTES, TAG_BYTES] = [8, 16]

/** What goes over the network when these bytes are written, and then this data of a stream. */
async function sealed(bytes: Uint8Array, payload = new Uint8Array(0)): Promise<Uint8Array> {
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
  const duplex = new SealedDuplex(socket, { tx: TX, rx: RX }, KEY)
  duplex.cork()
  duplex.write(bytes)
  if (payload.byteLength > 0) duplex.writePayload(payload)
  duplex.uncork()
  const whole = HEADER_BYTES + bytes.byteLength + TAG_BYTES + payload.byteLength
  await until('it has arrived', () => b4a.concat(received).byteLength === whole)
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
  for (let i = 0; i < record.byteLength; i++) socket.emit('data', record.subarray(i, i + 1))
  expect(b4a.equals(b4a.concat(pieces), bytes)).toBe(true)
  expect(pieces.length).toBeLessThanOrEqual(1025)
})

// The data of streams was encrypted by the two clients already; doing it once more was half of what the link cost.
test('data of streams goes out as it is, in its place, and comes in pieces of any size', async () => {
  const [head, payload] = [randomBytes(20), randomBytes(40_000)]
  const bytes = await sealed(head, payload)
  expect(b4a.indexOf(bytes, payload)).toBe(HEADER_BYTES + head.byteLength + TAG_BYTES)
  expect(b4a.indexOf(bytes, head)).toBe(-1)
  for (const size of [1, 29, 1000, bytes.byteLength]) {
    const { pieces, socket } = reader()
    for (let i = 0; i < bytes.byteLength; i += size) socket.emit('data', bytes.subarray(i, i + size))
    expect(b4a.equals(b4a.concat(pieces), b4a.concat([head, payload])), `in pieces of ${size}`).toBe(true)
  }
})

test.each([
  ['the length of the sealed part', 0],
  ['the length of the data', 4],
  ['what is sealed', HEADER_BYTES],
  ['the tag', HEADER_BYTES + 20]
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
    const header = b4a.alloc(HEADER_BYTES)
    new DataView(header.buffer, header.byteOffset).setUint32(0, sealedBytes, true)
    new DataView(header.buffer, header.byteOffset).setUint32(4, openBytes, true)
    socket.emit('data', header)
    expect(socket.destroyed).toBe(true)
  }
})
