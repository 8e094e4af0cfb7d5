/** Each decision about a peer leaves a trace with its reason. */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { traced } from '../../../../runtime/test/support/traced.js'
import { publicKeyHex } from '../../../src/util/keys.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

const TOPIC = bytes32(7)

function short(key: Uint8Array): string {
  return b4a.toString(key.subarray(0, 4), 'hex')
}

test('two peers that meet: listening, queries, the dial, the connection at both ends and its end', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const { named } = traced()
  const [server, client] = [createSwarm(), createSwarm()]
  server.join(TOPIC, { client: false })
  await clock.advance(100)
  client.join(TOPIC, { server: false })
  await clock.advance(100)
  const peer = short(server.keyPair.publicKey)
  const dialler = short(client.keyPair.publicKey)
  const topic = short(TOPIC)
  expect(named('accept', 'listening')).toContainEqual({ key: peer })
  expect(named('query', 'begin')).toContainEqual({ topic, kind: 'join', announces: true })
  expect(named('query', 'done')).toContainEqual({
    topic,
    kind: 'join',
    announces: false,
    peers: expect.any(Number),
    durationMs: expect.any(Number)
  })
  expect(named('dial', 'begin')).toEqual([{ peer, explicit: false }])
  expect(named('dial', 'opened')).toEqual([{ peer }])
  expect(named('accept', 'accepted')).toEqual([{ peer: dialler, topics: 1 }])
  expect(named('accept', 'connection-open')).toEqual(
    expect.arrayContaining([
      { peer, dialled: true },
      { peer: dialler, dialled: false }
    ])
  )
  for (const connection of client.connections) connection.destroy()
  await clock.advance(10)
  expect(named('accept', 'connection-closed')).toHaveLength(2)
})

test('a dial that fails: its code, its stage, and when the next try is', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.dialFate = () => ({ code: 'CANNOT_HOLEPUNCH' })
  const { named } = traced()
  const [a, b] = [createSwarm(), createSwarm({ backoffs: [1000, 1000, 1000, 1000], jitter: 0 })]
  b.joinPeer(a.keyPair.publicKey)
  await clock.advance(100)
  const peer = short(a.keyPair.publicKey)
  const nextTryMs = expect.any(Number)
  expect(named('dial', 'failed')[0]).toMatchObject({ peer, code: 'CANNOT_HOLEPUNCH', stage: 'holepunch', nextTryMs })
})

test('a dial that is cancelled ended without a fault', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.dialFate = () => 'hang'
  const { named } = traced()
  const [a, b] = [createSwarm(), createSwarm()]
  b.joinPeer(a.keyPair.publicKey)
  await clock.advance(100)
  const suspended = b.suspend()
  await clock.advance(100)
  await suspended
  expect(named('dial', 'dropped')).toMatchObject([{ peer: short(a.keyPair.publicKey), code: 'CANCELLED' }])
})

test.each([
  ['its firewall', { firewall: () => true }, 'FIREWALLED'],
  ['a limit', { maxServerConnections: 0 }, 'LIMIT']
])('a peer that is refused by %s', async (_what, options, reason) => {
  const { clock, createSwarm } = createFakeNetwork()
  const { named } = traced()
  const [a, b] = [createSwarm(options), createSwarm()]
  await a.listen()
  b.joinPeer(a.keyPair.publicKey)
  await clock.advance(100)
  expect(named('accept', 'refused')[0]).toEqual({ peer: short(b.keyPair.publicKey), reason })
})

test('a peer that is banned', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const { named } = traced()
  const [a, b] = [createSwarm(), createSwarm()]
  await a.listen()
  a.joinPeer(b.keyPair.publicKey)
  await clock.advance(100)
  a.peers.get(publicKeyHex(b.keyPair.publicKey))?.ban(true)
  await clock.advance(100)
  b.joinPeer(a.keyPair.publicKey)
  await clock.advance(100)
  expect(named('accept', 'refused')).toContainEqual({ peer: short(b.keyPair.publicKey), reason: 'BANNED' })
})

test('a query that fails, and one that a leave cuts short', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const { named } = traced()
  network.queryFate = () => 'fail'
  const swarm = createSwarm()
  swarm.join(TOPIC, { server: false })
  await clock.advance(100)
  const common = { topic: short(TOPIC), kind: 'join' }
  expect(named('query', 'failed')[0]).toMatchObject({ ...common, code: expect.any(String), reason: expect.any(String) })
  network.queryFate = () => 'hang'
  const other = createSwarm()
  other.join(bytes32(9), { server: false })
  await clock.advance(100)
  await other.leave(bytes32(9))
  expect(named('query', 'cancelled')).toContainEqual({ topic: short(bytes32(9)), kind: 'join' })
})

test('an accepted handshake whose connection never comes', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.isMute = true
  const { named } = traced()
  const [a, b] = [createSwarm(), createSwarm()]
  await a.listen()
  b.joinPeer(a.keyPair.publicKey)
  await clock.advance(11_000)
  expect(named('accept', 'unconfirmed')).toContainEqual({ peer: short(b.keyPair.publicKey) })
  expect(named('dial', 'failed')).toContainEqual(expect.objectContaining({ code: 'UNCONFIRMED', stage: 'connect' }))
})
