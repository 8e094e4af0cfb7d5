import { describe, expect, test } from 'vitest'
import { createGroup } from '../../../src/groups/group.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'
import { failures, group, HOUR_MS, infoOf, meet, otherGroup, setUp, shown, topic } from '../../support/groups.js'

describe('a swarm of a group', () => {
  test('members meet, whichever side dials, and each reads what the group says about the other', async () => {
    const fake = setUp()
    const [a, b] = [createKeyPair(), createKeyPair()]
    const expiresAt = fake.clock.wall.now() + HOUR_MS
    const one = fake.createSwarm({ keyPair: a, membership: group.invite(a.publicKey, { label: 'anna', expiresAt }) })
    const two = fake.createSwarm({ keyPair: b, membership: [group.invite(b.publicKey)] })
    expect(await meet(fake, one, two)).toEqual([1, 1])
    expect(infoOf(two, one)?.membership).toMatchObject({ label: 'anna', expiresAt })
    expect(infoOf(one, two)?.membership).toMatchObject({ label: '', expiresAt: Number.POSITIVE_INFINITY })
    expect([infoOf(one, two)?.topics, infoOf(two, one)?.topics]).toEqual([[Buffer.from(topic)], [Buffer.from(topic)]])
    expect([one.stats.notMembers, two.stats.notMembers]).toEqual([0, 0])
  })

  test('a swarm that holds the group is a member automatically', async () => {
    const fake = setUp()
    expect(await meet(fake, fake.createSwarm({ group }), fake.member([group]))).toEqual([1, 1])
  })

  test('peers with several groups meet if they have one in common', async () => {
    const fake = setUp()
    const [one, two] = [fake.member([group, otherGroup]), fake.member([otherGroup])]
    expect(await meet(fake, one, two, topicFrom('a'))).toEqual([1, 1])
    const [three, four] = [fake.member([createGroup(), group, otherGroup]), fake.member([createGroup(), group])]
    expect(await meet(fake, three, four, topicFrom('b'))).toEqual([1, 1])
    const [five, six] = [fake.member([group]), fake.member([otherGroup])]
    expect(await meet(fake, five, six, topicFrom('c'))).toEqual([0, 0])
  })

  const STRANGERS: Record<string, (fake: ReturnType<typeof setUp>) => FakeSwarm> = {
    'who is in no group': (fake) => fake.createSwarm(),
    'who is in another group': (fake) => fake.member([otherGroup]),
    'of another implementation': (fake) => fake.createSwarm({ hasExtension: false }),
    'whose membership has expired': (fake) => {
      const keyPair = createKeyPair()
      return fake.createSwarm({ keyPair, membership: group.invite(keyPair.publicKey, { expiresAt: 999 }) })
    }
  }

  test.each(Object.keys(STRANGERS))('a stranger %s gets no connection by dialling', async (kind) => {
    const fake = setUp()
    const server = fake.member([group])
    const stranger = STRANGERS[kind]?.(fake) as FakeSwarm
    const failed = failures(stranger)
    expect(await meet(fake, server, stranger)).toEqual([0, 0])
    expect(server.stats.notMembers).toBeGreaterThan(0)
    expect([server.stats.bannedPeers, server.peers.size]).toEqual([0, 0])
    if (kind !== 'of another implementation')
      expect(failed[0]).toMatchObject({ code: 'NOT_A_MEMBER', stage: 'refused' })
  })

  // hyperswarm's answer is covered by the integration tests: a fake node without the extension has no handshake at all.
  const ANSWERING = Object.keys(STRANGERS).filter((kind) => kind !== 'of another implementation')
  test.each(ANSWERING)('a stranger %s gets no connection by being dialled', async (kind) => {
    const fake = setUp()
    const client = fake.member([group])
    const stranger = STRANGERS[kind]?.(fake) as FakeSwarm
    const failed = failures(client)
    expect(await meet(fake, stranger, client)).toEqual([0, 0])
    expect(failed).toMatchObject([{ code: 'NOT_A_MEMBER', stage: 'refused', nextTryMs: null }])
    expect(client.stats.dials).toEqual({ NOT_A_MEMBER: 1 })
    expect([client.stats.bannedPeers, infoOf(client, stranger)?.banned]).toEqual([0, false])
  })

  test('a peer that was not a member is redialled only after it is found again', async () => {
    const fake = setUp()
    const [server, client] = [fake.createSwarm(), fake.member([group], { backoffs: [10] })]
    await meet(fake, server, client)
    await fake.clock.advance(60_000)
    expect([client.stats.queries.relookups, client.node.dials.length]).toEqual([5, 1])
    await client.status(topic)?.refresh()
    await fake.clock.advance(10)
    expect(client.node.dials).toHaveLength(2)
    await client.leave(topic)
    expect(client.peers.size, 'and is forgotten with the topic').toBe(0)
  })

  test('connect and joinPeer do not admit strangers either', async () => {
    const fake = setUp()
    const [stranger, client] = [fake.createSwarm(), fake.member([group])]
    await stranger.listen()
    const failed = expect(client.connect(stranger.keyPair.publicKey)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
    await fake.clock.advance(10)
    await failed
    expect(client.peers.size, 'nothing is kept').toBe(0)
    client.joinPeer(stranger.keyPair.publicKey)
    await fake.clock.advance(HOUR_MS)
    expect(shown(stranger, client)).toEqual([0, 0])
    expect(client.node.dials.length, 'an explicit peer is tried again').toBeGreaterThan(2)
  })
})

test('a handshake has room for three groups, and no swarm is made with more', () => {
  const fake = setUp()
  const groups = Array.from({ length: 4 }, () => createGroup())
  expect(() => fake.member(groups)).toThrowError(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('membership must be at most 3') })
  )
  const full = fake.member(groups.slice(0, 3))
  expect(() => full.join(topic, { group: groups[3] })).toThrowError(expect.objectContaining({ name: 'TypeError' }))
  full.join(topic, { group: groups[2] })
})

test('a membership for another key is a TypeError that names it', () => {
  const { createSwarm, network } = createFakeNetwork()
  const membership = group.invite(createKeyPair().publicKey)
  expect(() => createSwarm({ membership })).toThrowError(
    expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(/^membership must be .*keyPair/) })
  )
  expect(() => createSwarm({ revocations: [membership.bytes] })).toThrowError(
    expect.objectContaining({ code: 'MEMBERSHIP_INVALID' })
  )
  for (const node of network.nodes) expect([node.listenerCount, node.servers.length]).toEqual([0, 0])
})
