/** Groups between real nodes, with HyperDHT's handshakes and packets. */
import { createRequire } from 'node:module'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { reaches, until } from '../../../runtime/test/support/until.js'
import { createGroup, type Group } from '../../src/groups/group.js'
import { MAX_LABEL_BYTES } from '../../src/groups/statement.js'
import type { SwarmOptions } from '../../src/swarm/options.js'
import { createKeyPair } from '../../src/util/keys.js'
import { carries, countConnections, like, Testnet } from './support.js'

const testnet = Testnet.use()
const group = createGroup()

/** A UDP payload that gets through everywhere: IPv6 guarantees packets of 1280 bytes, of which headers take 48. */
const MAX_PACKET_BYTES = 1232

function member(groups: Group[], options: SwarmOptions = {}) {
  const keyPair = createKeyPair()
  const label = 'x'.repeat(MAX_LABEL_BYTES)
  const membership = groups.map((of) => of.invite(keyPair.publicKey, { label, expiresAt: Date.now() + 3_600_000 }))
  return testnet.swarm({ keyPair, membership, ...options })
}

test('members meet and exchange data, whichever side dials', async () => {
  const [server, client] = [member([group]), testnet.swarm({ group })]
  const topic = freshTopic()
  await server.join(topic, { client: false }).flushed()
  client.join(topic, { server: false })
  await until('members to meet', () => server.connections.size === 1 && client.connections.size === 1)
  const [[near], [far]] = [[...client.connections], [...server.connections]]
  if (near === undefined || far === undefined) return expect.unreachable()
  expect(await carries(near, far)).toBe(true)
  const [info] = client.peers.values()
  expect(info?.membership?.label).toHaveLength(MAX_LABEL_BYTES)
})

test.each(['swarmway', 'hyperswarm'] as const)('a stranger on %s that knows the topic is refused', async (kind) => {
  const [insider, stranger] = [member([group]), testnet.make(kind)]
  const topic = freshTopic()
  const shown = [countConnections(like(insider)), countConnections(stranger)]
  await insider.join(topic, { client: false }).flushed()
  stranger.join(topic, { server: false })
  await until('the stranger to be refused', () => insider.stats.notMembers > 0)
  expect(await reaches(() => shown.some((count) => count.size > 0), 500)).toBe(false)
  expect([insider.connections.size, stranger.connections.size, insider.stats.bannedPeers]).toEqual([0, 0, 0])
})

test.each(['swarmway', 'hyperswarm'] as const)('a stranger on %s that is found gets no connection', async (kind) => {
  const [insider, stranger] = [member([group]), testnet.make(kind)]
  const topic = freshTopic()
  const shown = [countConnections(like(insider)), countConnections(stranger)]
  const failed: string[] = []
  insider.on('dial-error', ({ code, stage }) => failed.push(code, stage))
  await stranger.join(topic, { client: false }).flushed()
  insider.join(topic, { server: false })
  await until('the dial to end', () => failed.length > 0)
  expect(await reaches(() => shown.some((count) => count.size > 0), 500)).toBe(false)
  expect([insider.connections.size, stranger.connections.size, ...failed]).toEqual([0, 0, 'NOT_A_MEMBER', 'refused'])
})

test('a group topic admits no stranger, while a plain hyperswarm connects on another topic', async () => {
  const [insider, friend, plain] = [testnet.swarm(), testnet.swarm(), testnet.hyperswarm()]
  const [closed, open] = [freshTopic(), freshTopic()]
  for (const swarm of [insider, friend]) swarm.join(closed, { group: group.invite(swarm.keyPair.publicKey) })
  plain.join(closed)
  await until('members to meet', () => insider.connections.size === 1 && friend.connections.size === 1)
  await until('the stranger to be refused', () => insider.stats.notMembers > 0 && friend.stats.notMembers > 0)
  expect(plain.connections.size).toBe(0)
  // From now on a peer that proves no topic may be on this one.
  insider.join(open, { server: false })
  plain.join(open, { client: false })
  await until('the stranger on the open topic', () => plain.connections.size === 1 && insider.connections.size === 2)
})

test('revocation closes the connection and refuses the next dial', async () => {
  const [server, client] = [member([group]), member([group], { backoffs: [50], jitter: 0 })]
  const topic = freshTopic()
  await server.join(topic, { client: false }).flushed()
  client.join(topic, { server: false })
  await until('members to meet', () => server.connections.size === 1 && client.connections.size === 1)
  const shown = countConnections(like(server))
  server.revoke(group.revoke([client.keyPair.publicKey], 1))
  await until('the connection to close', () => server.connections.size === 0 && client.connections.size === 0)
  await until('the next dial to be refused', () => server.stats.notMembers > 0)
  expect(shown.size).toBe(0)
})

interface Sender {
  send(buffer: Uint8Array, port: number, host: string): unknown
  trySend(buffer: Uint8Array, port: number, host: string): unknown
}
const require = createRequire(import.meta.url)
const udxSocket = (createRequire(require.resolve('hyperdht'))('udx-native/lib/socket') as { prototype: Sender })
  .prototype

test('the largest handshake fits into one packet', async () => {
  const groups = [group, createGroup(), createGroup()]
  const sizes: number[] = []
  const { send, trySend } = udxSocket
  onTestFinished(() => {
    Object.assign(udxSocket, { send, trySend })
  })
  udxSocket.send = function (buffer, ...rest) {
    sizes.push(buffer.byteLength)
    return send.call(this, buffer, ...rest)
  }
  udxSocket.trySend = function (buffer, ...rest) {
    sizes.push(buffer.byteLength)
    return trySend.call(this, buffer, ...rest)
  }
  const server = member(groups)
  const client = member(groups, { maxClientConnections: 0 })
  const topics = Array.from({ length: 8 }, freshTopic)
  await Promise.all(topics.map((topic) => server.join(topic, { client: false }).flushed()))
  for (const topic of topics) client.join(topic, { server: false })
  await until('all topics to be found', () => [...client.peers.values()][0]?.topics.length === topics.length)
  // A relay makes the payload even larger.
  for (const swarm of [client, server]) swarm.relayThrough = () => b4a.alloc(32, 9)
  client.maxClientConnections = 1
  await until('the handshake', () => server.peers.size > 0)
  const largest = Math.max(...sizes)
  expect(largest, 'the handshake is among them').toBeGreaterThan(900)
  expect(largest).toBeLessThanOrEqual(MAX_PACKET_BYTES)
})
