/** Between peers behind NATs, a round trip passed after the handshake until the first side opened its end. */
import { expect, test } from 'vitest'
import { punchEarly } from '../../../src/native/punch-early.js'
import type { Address } from '../../../src/network/dht-node.js'

const SERVER = { host: '192.0.2.1', port: 1 }
const CLIENT = { host: '192.0.2.2', port: 2 }
const OTHER = { host: '192.0.2.2', port: 3 }
const PING = Uint8Array.of(0)

interface Setup {
  isRelayed?: boolean
  remoteAddress?: Address | null
  replyFromPuncher?: boolean
  isAccepted?: boolean
}

/** A node, which records what it sends from its own socket, and a handshake that its server accepts. */
function setUp({ isAccepted = true, isRelayed = true, remoteAddress = null, replyFromPuncher = true }: Setup = {}) {
  const sent: unknown[] = []
  const done: unknown[] = []
  const puncher = {
    openSession: async (to: Address) => done.push(['session', to]),
    _onholepunchmessage: (_message: Uint8Array, from: Address, _ref: object) => done.push(['ping', from])
  }
  const onsocket = (socket: object, port: number, host: string) => done.push(['open', socket, { host, port }])
  const accepted = { replyFromPuncher, puncher, onsocket }
  const node = {
    createRawStream: () => ({}),
    createServer: () => ({ _addHandshake: async (..._args: unknown[]) => (isAccepted ? accepted : null) }),
    remoteAddress: () => remoteAddress,
    socket: { send: async (...args: unknown[]) => sent.push(args) },
    _router: { peerHandshake: async (..._args: unknown[]) => ({ relayed: isRelayed, serverAddress: SERVER }) }
  }
  punchEarly(node)
  const accept = () => node.createServer()._addHandshake('id', new Uint8Array(1), CLIENT, {}, false)
  const hear = (from: Address) => puncher._onholepunchmessage(PING, from, { socket: 'socket' })
  return { accept, dial: () => node._router.peerHandshake('target', {}, OTHER), done, hear, node, sent }
}

test('a dial through a relay pings the peer as soon as that has answered', async () => {
  const { dial, sent } = setUp()
  expect(await dial()).toEqual({ relayed: true, serverAddress: SERVER })
  expect(sent).toEqual([[PING, SERVER.port, SERVER.host]])
})

test.each([
  ['answered directly', { isRelayed: false }],
  ['calls a node that others reach', { remoteAddress: CLIENT }]
])('a peer that %s is not pinged', async (_, options) => {
  const { dial, sent } = setUp(options)
  await dial()
  expect(sent).toEqual([])
})

test('the side that accepts opens its NAT, and its end on a ping from where the handshake came from', async () => {
  const { accept, done, hear } = setUp()
  await accept()
  expect(done).toEqual([['session', CLIENT]])
  hear(CLIENT)
  expect(done.slice(1)).toEqual([['open', 'socket', CLIENT]])
})

test('a ping from elsewhere is part of the usual punching', async () => {
  const { accept, done, hear } = setUp()
  await accept()
  hear(OTHER)
  expect(done.slice(1)).toEqual([['ping', OTHER]])
})

test.each([
  ['that needs no punching', { replyFromPuncher: false }],
  ['that was not accepted', { isAccepted: false }]
])('a handshake %s is left as it is', async (_, options) => {
  const { accept, done, hear } = setUp(options)
  await accept()
  hear(CLIENT)
  expect(done).toEqual([['ping', CLIENT]])
})

test('a node is changed once, and another kind of node not at all', () => {
  const { node } = setUp()
  const { createServer } = node
  punchEarly(node)
  expect(node.createServer).toBe(createServer)
  const other = { createServer: () => ({}) }
  const theirs = other.createServer
  punchEarly(other)
  expect(other.createServer).toBe(theirs)
})
