import { describe, expect, test } from 'vitest'
import type { Group } from '../../../src/groups/group.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { group, infoOf, otherGroup, otherTopic, settled, setUp, shown, topic } from '../../support/groups.js'

describe('a topic of a group', () => {
  /** Swarms that are open, except for one topic. */
  function grouped(fake: ReturnType<typeof setUp>, on = topic, of = group) {
    const swarm = fake.createSwarm({ jitter: 0 })
    return { swarm, join: (options = {}) => swarm.join(on, { group: of.invite(swarm.keyPair.publicKey), ...options }) }
  }

  test('admits only members, while the rest of the swarm is open', async () => {
    const fake = setUp()
    const [a, b, stranger] = [grouped(fake), grouped(fake), fake.createSwarm()]
    a.join({ client: false })
    a.swarm.join(otherTopic, { client: false })
    await fake.clock.advance(10)
    b.join({ server: false })
    stranger.join(topic, { server: false })
    await fake.clock.advance(2000)
    expect(shown(a.swarm, b.swarm, stranger)).toEqual([1, 1, 0])
    expect(stranger.stats.dials).toEqual({ NOT_A_MEMBER: 1 })
    stranger.join(otherTopic, { server: false })
    await fake.clock.advance(2000)
    expect(shown(a.swarm, stranger)).toEqual([2, 1])
    expect(infoOf(a.swarm, stranger)?.topics, 'the topic of the group is not among its topics').toEqual([
      Buffer.from(otherTopic)
    ])
    expect(infoOf(a.swarm, b.swarm)?.membership?.groupKey).toEqual(Buffer.from(group.publicKey))
  })

  test('does not admit a non-member found on it, nor count one found on an open topic as its peer', async () => {
    const fake = setUp()
    const [a, stranger] = [grouped(fake), fake.createSwarm()]
    stranger.join(topic, { client: false })
    await fake.clock.advance(10)
    a.join({ server: false })
    await fake.clock.advance(2000)
    expect([...shown(a.swarm, stranger), a.swarm.stats.notMembers]).toEqual([0, 0, 1])
    stranger.join(otherTopic, { client: false })
    await fake.clock.advance(10)
    a.swarm.join(otherTopic, { server: false })
    await fake.clock.advance(2000)
    expect(shown(a.swarm, stranger)).toEqual([1, 1])
    expect(infoOf(a.swarm, stranger)?.topics).toEqual([otherTopic])
    await a.swarm.status(topic)?.refresh()
    await fake.clock.advance(1000)
    expect(infoOf(a.swarm, stranger)?.topics, 'a later lookup does not bring it in').toEqual([otherTopic])
  })

  test('does not keep a refused peer off an open topic on which a re-lookup finds it', async () => {
    const fake = setUp()
    const [a, stranger] = [grouped(fake), fake.createSwarm()]
    stranger.join(topic, { client: false })
    await fake.clock.advance(10)
    a.join({ server: false })
    a.swarm.join(otherTopic, { server: false })
    await fake.clock.advance(100)
    expect(a.swarm.stats.dials).toEqual({ NOT_A_MEMBER: 1 })
    stranger.join(otherTopic, { client: false })
    await fake.clock.advance(5000)
    expect(shown(a.swarm, stranger)).toEqual([1, 1])
    expect(a.swarm.stats.dials).toEqual({ NOT_A_MEMBER: 1, OPENED: 1 })
  })

  test('a peer that proves no topic is refused if every topic belongs to a group', async () => {
    const fake = setUp()
    const [a, caller] = [grouped(fake), fake.createSwarm()]
    a.join({ client: false })
    await fake.clock.advance(10)
    const dial = () => settled(fake, caller.connect(a.swarm.keyPair.publicKey))
    await expect(dial()).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
    a.swarm.join(otherTopic, { client: false })
    await expect(dial()).resolves.toBeDefined()
  })

  test('members that reveal no topics also meet', async () => {
    const fake = setUp()
    const [a, silent] = [grouped(fake), fake.createSwarm({ topicProofs: false })]
    a.join({ client: false })
    await fake.clock.advance(10)
    silent.join(topic, { group: group.invite(silent.keyPair.publicKey), server: false })
    await fake.clock.advance(2000)
    expect(shown(a.swarm, silent)).toEqual([1, 1])
  })

  test('of another group admits other members', async () => {
    const fake = setUp()
    const [a, b] = [grouped(fake), grouped(fake)]
    a.join()
    b.join()
    a.swarm.join(otherTopic, { group: otherGroup.invite(a.swarm.keyPair.publicKey) })
    b.swarm.join(otherTopic, { group: otherGroup })
    await fake.clock.advance(5000)
    expect(shown(a.swarm, b.swarm)).toEqual([1, 1])
    const keys = infoOf(a.swarm, b.swarm)?.memberships.map(({ groupKey }) => Buffer.from(groupKey).toString('hex'))
    const topics = infoOf(a.swarm, b.swarm)?.topics.length
    expect(keys?.length, 'a membership for each topic of the connection').toBe(topics)
  })

  test('keeps its group: a later join names the same or none, until the topic is left', async () => {
    const fake = setUp()
    const { swarm, join } = grouped(fake)
    join()
    swarm.join(topic)
    swarm.join(topic, { group: group.publicKey })
    swarm.join(otherTopic)
    const bad = { name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringContaining('group') }
    expect(() => swarm.join(topic, { group: otherGroup })).toThrowError(expect.objectContaining(bad))
    expect(() => swarm.join(otherTopic, { group })).toThrowError(expect.objectContaining(bad))
    const left = swarm.leave(topic)
    await fake.clock.advance(1000)
    await left
    swarm.join(topic, { group: otherGroup })
    expect(swarm.status(topic)?.group).toEqual(Buffer.from(otherGroup.publicKey))
  })

  test('is refused if the swarm holds no membership of its group', () => {
    const swarm = setUp().createSwarm()
    expect(() => swarm.join(topic, { group: group.publicKey })).toThrowError(
      expect.objectContaining({ code: 'NOT_A_MEMBER' })
    )
    expect(() => swarm.renew(group.invite(swarm.keyPair.publicKey))).toThrowError(
      expect.objectContaining({ code: 'NOT_A_MEMBER' })
    )
  })

  test.each([null, 1, 'group', {}, new Uint8Array(31), group.invite(createKeyPair().publicKey)])(
    'a bad group is a TypeError that names it: %s',
    (bad) => {
      const swarm = setUp().createSwarm()
      expect(() => swarm.join(topic, { group: bad as Group })).toThrowError(
        expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('group must be') })
      )
      expect(swarm.status(topic)).toBeNull()
    }
  )

  test('in a swarm of another group admits peers that are in both', async () => {
    const fake = setUp()
    const both = fake.member([group, otherGroup])
    const one = fake.member([group])
    both.join(topic, { group: otherGroup.publicKey, client: false })
    await fake.clock.advance(10)
    one.join(topic, { server: false })
    await fake.clock.advance(2000)
    expect(shown(both, one)).toEqual([0, 0])
    const alsoBoth = fake.member([group, otherGroup])
    alsoBoth.join(topic, { server: false })
    await fake.clock.advance(2000)
    expect(shown(both, alsoBoth)).toEqual([1, 1])
  })
})
