import { describe, expect, test } from 'vitest'
import type { Group } from '../../../src/groups/group.js'
import { withoutMember } from '../../../src/groups/statement.js'
import { REFUSAL } from '../../../src/handshake/extension.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { topicFrom } from '../../../src/util/topic.js'
import { Forger } from '../../support/forger.js'
import { group, infoOf, otherGroup, otherTopic, setUp, shown, topic } from '../../support/groups.js'

describe('statements', () => {
  const victim = createKeyPair()
  const forger = createKeyPair()
  const own = (of: Group, expiresAt = Number.POSITIVE_INFINITY) =>
    withoutMember(of.invite(forger.publicKey, { expiresAt }).bytes)
  const good = own(group)
  const changed = Uint8Array.from(good)
  changed[40] = (changed[40] ?? 0) ^ 1
  const BAD: Record<string, Uint8Array[]> = {
    'nothing at all': [],
    'the statement of another': [withoutMember(group.invite(victim.publicKey).bytes)],
    'the statement of another, with its key': [group.invite(victim.publicKey).bytes],
    'an expired statement': [own(group, 999_999)],
    'a statement of another group': [own(otherGroup)],
    'a statement that is cut off': [good.subarray(0, -1)],
    'the first byte of a statement': [good.subarray(0, 1)],
    'an empty statement': [new Uint8Array(0)],
    'a statement with a flipped bit': [changed],
    'three bad ones': [changed, own(otherGroup), good.subarray(0, -1)]
  }

  test.each(Object.keys(BAD))('%s is refused from the dialling side', async (what) => {
    const fake = setUp()
    const server = fake.member([group])
    server.join(topic)
    await fake.clock.advance(10)
    const peer = new Forger(fake.network, forger, { topics: [topic], statements: BAD[what] ?? [] })
    expect(await peer.dial(server.keyPair.publicKey)).toBe('SERVER_ERROR')
    expect(peer.heard).toMatchObject([{ refusal: REFUSAL.notAMember, proofs: [], statements: [] }])
    expect([server.stats.notMembers, server.peers.size, ...shown(server)]).toEqual([1, 0, 0])
  })

  test.each(Object.keys(BAD))('%s is refused from the answering side', async (what) => {
    const fake = setUp()
    const peer = new Forger(fake.network, forger, { topics: [topic], statements: BAD[what] ?? [] })
    await peer.listen(topic)
    const client = fake.member([group])
    client.join(topic, { server: false })
    await fake.clock.advance(20_000)
    expect(client.stats.dials).toEqual({ NOT_A_MEMBER: 1 })
    expect([client.stats.notMembers, client.connecting, ...shown(client)]).toEqual([1, 0, 0])
  })

  test('valid ones pass on both sides, even after invalid ones', async () => {
    const fake = setUp()
    const [server, client] = [fake.member([group]), fake.member([group])]
    const peer = new Forger(fake.network, forger, { topics: [topic], statements: [changed, own(otherGroup), good] })
    await peer.listen(topic)
    server.join(topic, { client: false })
    client.join(topic, { server: false })
    const dialled = peer.dial(server.keyPair.publicKey)
    await fake.clock.advance(1000)
    expect(await dialled).toBe('OPENED')
    expect(peer.opened).toBe(2)
    expect(infoOf(server, peer)?.memberships).toHaveLength(1)
  })

  test('are not shown to peers that do not need them', async () => {
    const fake = setUp()
    const peer = new Forger(fake.network, forger, { topics: [otherTopic], statements: [good] })
    await peer.listen(otherTopic)
    const client = fake.createSwarm()
    const server = fake.createSwarm()
    for (const swarm of [client, server]) swarm.join(topic, { group: group.invite(swarm.keyPair.publicKey) })
    client.join(otherTopic, { server: false })
    server.join(otherTopic, { client: false })
    await fake.clock.advance(1000)
    expect(peer.heard, 'about an open topic').toMatchObject([{ statements: [] }])
    const stranger = new Forger(fake.network, createKeyPair(), { topics: [topic, otherTopic] })
    await stranger.dial(server.keyPair.publicKey)
    expect(stranger.heard, 'to a stranger who knows the topic of the group').toMatchObject([
      { statements: [], refusal: null }
    ])
  })
})

describe('a responder that listens', () => {
  test('learns only numbers from a dial, which differ from peer to peer and from dial to dial', async () => {
    const fake = setUp()
    const peers = [new Forger(fake.network, createKeyPair()), new Forger(fake.network, createKeyPair())]
    for (const peer of peers) await peer.listen(topic)
    const client = fake.createSwarm()
    const secret = topicFrom('a secret topic')
    client.join(secret)
    client.join(topic, { server: false })
    await fake.clock.advance(1000)
    const proofs = peers.map(({ heard }) => heard[0]?.proofs ?? [])
    expect(
      proofs.map((all) => all.length),
      'of the topic alone that it was found on'
    ).toEqual([1, 1])
    expect(proofs[0]?.[0]).not.toEqual(proofs[1]?.[0])
    for (const { heard } of peers)
      for (const known of [topic, secret]) {
        expect(JSON.stringify(heard)).not.toContain(JSON.stringify([...known]).slice(1, -1))
      }
  })

  test('learns nothing about topics that it does not prove to know', async () => {
    const fake = setUp()
    const spy = new Forger(fake.network, createKeyPair())
    await spy.listen(topic)
    const [client, server] = [fake.createSwarm(), fake.createSwarm()]
    client.join(topic, { server: false })
    server.join(topic, { client: false })
    await fake.clock.advance(1000)
    const { connects } = server.stats
    const before = connects.server.opened
    const blind = new Forger(fake.network, createKeyPair(), { topics: [topicFrom('a wrong guess')] })
    await blind.dial(server.keyPair.publicKey)
    await fake.clock.advance(10)
    expect(blind.heard[0]?.proofs, 'a server reveals no topic that the other side has not proved').toEqual([])
    expect(connects.server.opened - before).toBe(1)
    expect(infoOf(server, blind)?.topics).toEqual([])
  })
})
