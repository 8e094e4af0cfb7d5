import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { SealedDuplex } from '../../../src/fleet/links/sealed-duplex.js'

const [TX, RX, KEY] = [randomBytes(32), randomBytes(32), randomBytes(32)]
const [LENGTH_BYTES, TAG_BYTES] = [4, 16]

/** The record of these bytes, as it goes over the network. */
async function sealed(bytes: Uint8Array): Promise<Uint8Array> {
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
  new SealedDuplex(socket, { tx: TX, rx: RX }, KEY).write(bytes)
  const whole = LENGTH_BYTES + bytes.byteLength + TAG_BYTES
  await until('it has arrived', () => b4a.concat(received).byteLength === whole)
  return b4a.concat(received)
}

// A server that sent a record of 4 MiB byte by byte had the other one keep four million pieces of memory.
test('a record that comes byte by byte is kept in few pieces, and is read', async () => {
  const bytes = randomBytes(5000)
  const record = await sealed(bytes)
  const socket = new Socket()
  const reader = new SealedDuplex(socket, { tx: RX, rx: TX }, KEY)
  const pieces: Uint8Array[] = []
  reader.on('data', (piece: Uint8Array) => pieces.push(piece))
  for (let i = 0; i < record.byteLength; i++) socket.emit('data', record.subarray(i, i + 1))
  expect(b4a.equals(b4a.concat(pieces), bytes)).toBe(true)
  expect(pieces.length).toBeLessThanOrEqual(1025)
})
