/**
 * A handshake reserves a place for ten seconds. Strangers who never finished theirs, with 300 bytes for each place, kept a
 * swarm with `maxServerConnections` shut for everybody else.
 */
import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { createFakeNetwork, type FakeSwarmOptions } from '../../support/fake-swarm.js'

const ATTACKER = '5.5.5.1'

/** A listening swarm, and a function that sends it a handshake that nothing follows; true if it is accepted. */
async function setUp(options: FakeSwarmOptions) {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ hasExtension: false, ...options })
  swarm.join(topicFrom('topic'), { client: false })
  await fake.clock.advance(100)
  const [server] = swarm.node.servers
  const knock = async (host: string, publicKey = createKeyPair().publicKey) =>
    (await server?.options.firewall?.(publicKey, {}, { host, port: 1 })) === false
  return { ...fake, knock, server, swarm }
}

test.each([{ maxServerConnections: 4 }, { maxPeers: 4 }])('others get in at once, with %s', async (options) => {
  const { knock, swarm } = await setUp(options)
  for (let i = 0; i < 4; i++) expect(await knock(ATTACKER)).toBe(true)
  expect(await knock(ATTACKER), 'the limit holds').toBe(false)
  expect(await knock('5.5.5.2')).toBe(true)
  expect(await knock('5.5.5.3')).toBe(true)
  expect(await knock(ATTACKER)).toBe(false)
  expect(await knock('5.5.5.4')).toBe(true)
  expect(await knock('5.5.5.5'), 'each host has one place now').toBe(false)
  expect(swarm.stats.unconfirmed).toBe(3)
})

test('a connection follows the handshake of one who got in, and is not displaced', async () => {
  const { clock, createSwarm, knock, swarm } = await setUp({ maxServerConnections: 2 })
  await knock(ATTACKER)
  await knock(ATTACKER)
  const client = createSwarm({ jitter: 0 })
  await clock.advance(3000)
  client.join(topicFrom('topic'), { server: false })
  await clock.advanceUntil(() => swarm.connections.size === 1)
  for (let i = 0; i < 20; i++) {
    await knock(`5.5.6.${i}`)
    await clock.advance(2000)
  }
  expect(swarm.connections.size).toBe(1)
})

test('a reservation of two seconds gives way, wherever the newcomer is from', async () => {
  const { clock, knock } = await setUp({ maxServerConnections: 2 })
  expect(await knock('5.5.5.1')).toBe(true)
  expect(await knock('5.5.5.2')).toBe(true)
  expect(await knock('5.5.5.3')).toBe(false)
  await clock.advance(2000)
  expect(await knock('5.5.5.3')).toBe(true)
})

/** Each host begins a handshake again and again, and finishes none. */
async function wearOut(
  knock: (host: string) => Promise<boolean>,
  advance: (ms: number) => Promise<void>,
  hosts: string[]
) {
  for (let round = 0; round < 8; round++) {
    for (const host of hosts) await knock(host)
    await advance(2000)
  }
  for (const host of hosts) await knock(host)
}

test('strangers with more hosts than there are places take each of them once, and then keep nobody out', async () => {
  const { clock, knock } = await setUp({ maxServerConnections: 4 })
  const hosts = Array.from({ length: 8 }, (_, i) => `5.5.6.${i}`)
  await wearOut(knock, (ms) => clock.advance(ms), hosts)
  for (let i = 0; i < 4; i++) expect(await knock(`5.5.7.${i}`)).toBe(true)
  for (const host of hosts) expect(await knock(host), 'those who finish nothing displace nobody').toBe(false)
  expect(await knock('5.5.7.4'), 'nor do equals').toBe(false)
})

test('what a host has not finished is forgotten after a minute', async () => {
  const { clock, knock } = await setUp({ maxServerConnections: 1 })
  await wearOut(knock, (ms) => clock.advance(ms), ['5.5.6.1', '5.5.6.2'])
  await clock.advance(70_000)
  expect(await knock('5.5.6.1')).toBe(true)
  expect(await knock('5.5.7.1')).toBe(false)
})

test('repeating a handshake makes its reservation no younger', async () => {
  const { clock, knock } = await setUp({ maxServerConnections: 1 })
  const key = createKeyPair().publicKey
  for (let i = 0; i < 3; i++) {
    expect(await knock(ATTACKER, key)).toBe(true)
    await clock.advance(1000)
  }
  expect(await knock('5.5.5.2')).toBe(true)
})

test('the peer of a displaced reservation cannot connect any more', async () => {
  const { knock, server, swarm, network } = await setUp({ maxServerConnections: 2 })
  const displaced = createKeyPair().publicKey
  await knock(ATTACKER, displaced)
  await knock(ATTACKER)
  await knock('5.5.5.2')
  const late = new FakeConnection(swarm.keyPair.publicKey, displaced, false, network.post)
  server?.emit(late)
  expect(late.destroying).toBe(true)
})
