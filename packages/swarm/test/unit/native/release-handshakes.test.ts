/** A connection kept all of its handshake for as long as it lived, through the function that UDX asks about new sockets. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { releaseHandshakes } from '../../../src/native/release-handshakes.js'

/** A UDX stream, whose function drops everything until it is replaced. */
class Stream extends EventEmitter {
  destroying = false
  _firewall = () => true
}

/** A node whose server accepts handshakes with this result. */
function nodeThatAccepts(accepted: object | null) {
  const node = {
    createRawStream: () => ({}),
    createServer: () => ({ _addHandshake: async () => accepted })
  }
  releaseHandshakes(node)
  return node
}

async function accept(accepted: object | null): Promise<unknown> {
  return nodeThatAccepts(accepted).createServer()._addHandshake()
}

test('a stream that was connected at once releases its handshake, and accepts each packet', async () => {
  const stream = new Stream()
  const accepted = { rawStream: null, encryptedSocket: { rawStream: stream }, relaySocket: null }
  expect(await accept(accepted)).toBe(accepted)
  expect(stream._firewall()).toBe(false)
  stream.destroying = true
  expect(stream._firewall()).toBe(true)
})

test('one that is connected later keeps it until then', async () => {
  const stream = new Stream()
  await accept({ rawStream: stream, encryptedSocket: null, relaySocket: null })
  expect(stream._firewall()).toBe(true)
  stream.emit('connect')
  expect(stream._firewall()).toBe(false)
})

test('one that may leave its relay keeps it', async () => {
  const stream = new Stream()
  await accept({ rawStream: stream, encryptedSocket: null, relaySocket: {} })
  stream.emit('connect')
  expect(stream._firewall()).toBe(true)
})

test.each([
  ['was refused', null],
  ['was answered with an error', { rawStream: null, encryptedSocket: null, relaySocket: null }],
  ['has several paths', { rawStream: null, encryptedSocket: { rawStream: {} }, relaySocket: null }]
])('a handshake that %s is left as it is', async (_, accepted) => {
  const before = structuredClone(accepted)
  expect(await accept(accepted)).toEqual(before)
})

test('a node is changed once, and another kind of node not at all', () => {
  const node = nodeThatAccepts(null)
  const { createServer } = node
  releaseHandshakes(node)
  expect(node.createServer).toBe(createServer)
  const other = { createServer: () => ({}) }
  const theirs = other.createServer
  releaseHandshakes(other)
  expect(other.createServer).toBe(theirs)
})
