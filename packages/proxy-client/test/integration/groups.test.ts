/** Groups through the proxy: the client makes the handshake, so they work as ever and the server has no say in it. */
import { createGroup, createKeyPair, type Group, Membership, type Swarm, type SwarmCore } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import {
  connectionBetween,
  createRig,
  type Network,
  type RigClientOptions,
  shownBy,
  useTestnet
} from '../support/rig.js'
import { closed, echo } from '../support/transfer.js'

const testnet = useTestnet()
const group = createGroup()

type Kind = 'proxied' | 'native'

function create(rig: Network, kind: Kind, options: RigClientOptions = {}): SwarmCore {
  const { door, control, ...common } = options
  return kind === 'native'
    ? (rig.createNative(common) as SwarmCore)
    : (rig.createSwarm(options) as unknown as SwarmCore)
}

function member(rig: Network, kind: Kind, of: Group = group): SwarmCore {
  const keyPair = createKeyPair()
  // As text, which is how an invitation is delivered.
  const text = of.invite(keyPair.publicKey, { label: kind, expiresAt: Date.now() + 3_600_000 }).toString()
  return create(rig, kind, { keyPair, membership: Membership.from(text) })
}

const PAIRS: [Kind, Kind][] = [
  ['proxied', 'native'],
  ['native', 'proxied'],
  ['proxied', 'proxied']
]

test.each(PAIRS)('a %s member dials a %s one', async (dialling, accepting) => {
  const rig = await createRig({ testnet: testnet() })
  const [dialler, acceptor] = [member(rig, dialling), member(rig, accepting)]
  const topic = freshTopic()
  await acceptor.join(topic, { client: false }).flushed()
  dialler.join(topic, { server: false })
  const [near, far] = await connectionBetween(dialler, acceptor)
  await echo(near, far)
  expect([...dialler.peers.values()][0]?.membership?.label).toBe(accepting)
  expect([...acceptor.peers.values()][0]?.membership?.label).toBe(dialling)
})

test.each(PAIRS)('a %s stranger and a %s member do not meet, whichever dials', async (strange, inside) => {
  const rig = await createRig({ testnet: testnet() })
  const [stranger, insider] = [create(rig, strange), member(rig, inside)]
  const shown = [shownBy(stranger), shownBy(insider)]
  const codes: string[] = []
  for (const swarm of [stranger, insider]) swarm.on('dial-error', ({ code, stage }) => codes.push(`${code} ${stage}`))
  const [one, other] = [freshTopic(), freshTopic()]
  await insider.join(one, { client: false }).flushed()
  stranger.join(one, { server: false })
  await until('the stranger to be refused', () => codes.length === 1)
  await stranger.join(other, { client: false }).flushed()
  insider.join(other, { server: false })
  await until('the stranger to be refused again', () => codes.length === 2)
  expect(codes).toEqual(['NOT_A_MEMBER refused', 'NOT_A_MEMBER refused'])
  expect([insider.stats.notMembers, stranger.stats.notMembers]).toEqual([2, 0])
  expect(shown).toEqual([[], []])
})

test('revocation closes the connection of a proxied member', async () => {
  const rig = await createRig({ testnet: testnet() })
  const [one, two] = [member(rig, 'proxied'), member(rig, 'proxied')]
  const topic = freshTopic()
  for (const swarm of [one, two]) swarm.join(topic)
  const [near, far] = await connectionBetween(one, two)
  for (const connection of [near, far]) connection.on('error', () => {})
  const ends = [closed(near), closed(far)]
  expect(one.revoke(group.revoke([two.keyPair.publicKey], 1))).toBe(true)
  await Promise.all(ends)
  await until('the next dial to be refused', () => one.stats.notMembers > 0 || two.stats.notMembers > 0)
  expect([one.connections.size, two.connections.size]).toEqual([0, 0])
})

test('a topic of a group accepts only members, even among clients of one server', async () => {
  const rig = await createRig({ testnet: null })
  const [one, two, stranger] = [rig.createSwarm(), rig.createSwarm(), rig.createSwarm()] as unknown as Swarm[]
  if (!one || !two || !stranger) return expect.unreachable()
  const shown = shownBy(stranger)
  const topic = freshTopic()
  for (const swarm of [one, two]) swarm.join(topic, { group: group.invite(swarm.keyPair.publicKey) })
  stranger.join(topic)
  await connectionBetween(one, two)
  await until('the stranger to be refused', () => one.stats.notMembers > 0 && two.stats.notMembers > 0)
  expect(shown).toEqual([])
})

test.each(PAIRS)('a topic that a %s peer joins while connected reaches the %s one', async (joining, told) => {
  const rig = await createRig({ testnet: testnet() })
  const [client, server] = [create(rig, joining), create(rig, told)]
  const [first, later, closedTopic] = [freshTopic(), freshTopic(), freshTopic()]
  for (const topic of [first, later]) await server.join(topic, { client: false }).flushed()
  await server.join(closedTopic, { client: false, group: group.invite(server.keyPair.publicKey) }).flushed()
  client.join(first, { server: false })
  await connectionBetween(client, server)
  const shown = [shownBy(client), shownBy(server)]
  client.join(later, { server: false })
  client.join(closedTopic, { server: false, group: group.invite(client.keyPair.publicKey) })
  const counts = () => [client, server].map((swarm) => [...swarm.peers.values()][0]?.topics.length)
  await until('all three topics on both sides', () => counts().every((count) => count === 3))
  expect([...server.peers.values()][0]?.membership?.groupKey).toEqual(group.publicKey)
  expect([shown, client.connections.size, server.connections.size]).toEqual([[[], []], 1, 1])
})
