/** Every row of the hyperswarm-hugin table in docs/migrating.md. */
import { createGroup, createKeyPair, Membership } from '@swarmway/swarm'
import { expect } from 'vitest'
import { freshTopic } from '../../../../runtime/test/support/topics.js'
import { createFakeNetwork, type FakeSwarm, type FakeSwarmOptions } from '../../support/fake-swarm.js'
import { testRows } from '../../support/migrating.js'

/** The key pair shared by all members of an older group, as `keychain.get()` returns it. */
const keychain = { get: () => createKeyPair(new Uint8Array(32).fill(9)) }
const group = createGroup({ keyPair: keychain.get() })

/** A member's swarm, as translated in the docs. */
function member(options: FakeSwarmOptions = {}): FakeSwarmOptions {
  const dhtKeys = { get: () => createKeyPair() }
  const keyPair = dhtKeys.get()
  return { keyPair, membership: group.invite(keyPair.publicKey), ...options }
}

/** Joins all of them to a topic, waits, and returns the number of connections of each. */
async function meet(...options: FakeSwarmOptions[]): Promise<{ swarms: FakeSwarm[]; connections: number[] }> {
  const { clock, createSwarm } = createFakeNetwork()
  const topic = freshTopic()
  const swarms = options.map((one) => createSwarm(one))
  for (const swarm of swarms) swarm.join(topic)
  await clock.advance(120_000)
  return { swarms, connections: swarms.map((swarm) => swarm.connections.size) }
}

testRows('hyperswarm-hugin', {
  opts: async () => {
    const { swarms, connections } = await meet(member({ maxPeers: 1 }), member(), member())
    expect(swarms[0]?.maxPeers).toBe(1)
    expect(connections[0]).toBe(1)
  },
  sig: async () => {
    const keyPair = createKeyPair()
    const membership = group.invite(keyPair.publicKey, { label: 'sig', expiresAt: Date.now() + 1e9 })
    const again = Membership.from(membership.toString())
    expect((await meet({ keyPair, membership: again }, member())).connections).toEqual([1, 1])
  },
  dht_keys: async () => {
    const options = member()
    const { swarms } = await meet(options)
    expect(swarms[0]?.keyPair).toBe(options.keyPair)
  },
  keychain: () => {
    expect(group.publicKey).toEqual(keychain.get().publicKey)
  },
  'payload.mid': async () => {
    expect((await meet(member(), member())).connections).toEqual([1, 1])
  },
  'a peer without a signature': async () => {
    const { swarms, connections } = await meet(member(), member(), {})
    expect(connections).toEqual([1, 1, 0])
    const [first] = swarms
    expect(first?.stats.notMembers).toBeGreaterThan(0)
    expect([...(first?.peers.values() ?? [])].some((info) => info.banned)).toBe(false)
  },
  'everything else of hyperswarm 4': async () => {
    const { swarms } = await meet(member(), member())
    expect(await swarms[0]?.flush()).toBe(true)
  }
})
