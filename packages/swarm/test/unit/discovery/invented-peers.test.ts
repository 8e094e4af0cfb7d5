import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

const topic = topicFrom('topic')

/** Replies of nodes, each with 20 peers; `push` sends one as a real query would. */
function peersOf(count: number) {
  return Array.from({ length: count }, () => ({ publicKey: createKeyPair().publicKey, relayAddresses: [] }))
}

// One node near the topic could fill the dial queue with invented peers, each of which takes a dial to find out.
test('peers that several nodes name are dialled before those that one node invented', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.queryFate = () => 'hang'
  network.dialFate = () => 'hang'
  const swarm = createSwarm({ maxParallel: 1, dialTimeoutMs: 1000 })
  swarm.join(topic, { server: false })
  await clock.advance(10)
  const [query] = swarm.node.queries
  const [first, ...invented] = peersOf(100)
  const honest = peersOf(3)
  const reply = (host: string, peers: object[]) => query?.push({ from: { host, port: 1 }, peers })
  reply('5.5.5.1', [first as object])
  await clock.advance(10)
  for (let i = 0; i < invented.length; i += 20) reply('5.5.5.1', invented.slice(i, i + 20))
  for (const host of ['5.5.5.2', '5.5.5.3', '5.5.5.4']) reply(host, honest)
  await clock.advance(10)
  await clock.advance(4000)
  const dialled = swarm.node.dials.map(({ publicKey }) => hex(publicKey))
  expect(dialled.slice(1, 4).sort()).toEqual(honest.map(({ publicKey }) => hex(publicKey)).sort())
})

// What a proxy server says of its own clients was worth less than what several hostile nodes say.
test('a peer that is present is dialled before those that several nodes invented', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  network.queryFate = () => 'hang'
  network.dialFate = () => 'hang'
  const swarm = createSwarm({ maxParallel: 1, dialTimeoutMs: 1000 })
  swarm.join(topic, { server: false })
  await clock.advance(10)
  const [query] = swarm.node.queries
  const invented = peersOf(20)
  const [honest] = peersOf(1)
  for (const host of ['5.5.5.1', '5.5.5.2', '5.5.5.3', '5.5.5.4'])
    query?.push({ from: { host, port: 1 }, peers: invented })
  await clock.advance(10)
  query?.push({ peers: [{ ...(honest as object), present: true }] })
  await clock.advance(2000)
  expect(hex(swarm.node.dials[1]?.publicKey)).toEqual(hex(honest?.publicKey))
})

function hex(key: Uint8Array | undefined): string {
  return Buffer.from(key ?? []).toString('hex')
}
