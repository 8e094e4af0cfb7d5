import { describe, expect, test } from 'vitest'
import type { Membership } from '../../../src/groups/membership.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { group, HOUR_MS, infoOf, meet, otherGroup, settled, setUp, shown, topic } from '../../support/groups.js'

describe('revocation', () => {
  test('closes the connection of a named peer on the side with the list, and refuses it both ways', async () => {
    const fake = setUp()
    const [server, client, third] = [fake.member([group]), fake.member([group]), fake.member([group])]
    await meet(fake, server, client)
    await meet(fake, server, third)
    const errors: string[] = []
    for (const connection of server.connections) connection.on('error', (error) => errors.push(error.message))
    const list = group.revoke([client.keyPair.publicKey], 1)
    expect(server.revoke(list)).toBe(true)
    await fake.clock.advance(HOUR_MS)
    expect([server.connections.size, client.connections.size, third.connections.size]).toEqual([1, 0, 1])
    expect(errors).toEqual([expect.stringContaining('NOT_A_MEMBER')])
    expect(client.stats.dials['NOT_A_MEMBER']).toBeGreaterThan(0)
    await client.listen()
    await expect(settled(fake, server.connect(client.keyPair.publicKey))).rejects.toMatchObject({
      code: 'NOT_A_MEMBER'
    })
    expect(server.revoke(list), 'the same list again').toBe(false)
    expect(server.revoke(group.revoke([], 0)), 'an older list').toBe(false)
  })

  test('a later list that does not name a peer admits it again', async () => {
    const fake = setUp()
    const client = fake.member([group])
    const server = fake.member([group], { revocations: [group.revoke([client.keyPair.publicKey], 1)] })
    expect(await meet(fake, server, client), 'a list may be given as an option').toEqual([0, 0])
    server.revoke(group.revoke([], 2))
    await client.status(topic)?.refresh()
    await fake.clock.advance(1000)
    expect(shown(server, client)).toEqual([1, 1])
  })

  test('by another group changes nothing', async () => {
    const fake = setUp()
    const [server, client] = [fake.member([group]), fake.member([group])]
    await meet(fake, server, client)
    expect(server.revoke(otherGroup.revoke([client.keyPair.publicKey], 1))).toBe(true)
    await fake.clock.advance(1000)
    expect(server.connections.size).toBe(1)
  })

  test('a peer with another membership stays', async () => {
    const fake = setUp()
    const [server, client] = [fake.member([group, otherGroup]), fake.member([group, otherGroup])]
    await meet(fake, server, client)
    server.revoke(group.revoke([client.keyPair.publicKey], 1))
    await fake.clock.advance(1000)
    expect(server.connections.size).toBe(1)
    server.revoke(otherGroup.revoke([client.keyPair.publicKey], 1))
    await fake.clock.advance(1000)
    expect(server.connections.size).toBe(0)
  })

  test.each(['dialled', 'accepted'] as const)(
    'a handshake that is %s when the list comes leads to nothing',
    async (how) => {
      const fake = setUp()
      fake.network.latencyMs = 50
      const [server, client] = [fake.member([group]), fake.member([group])]
      await server.listen()
      const failed = expect(settled(fake, client.connect(server.keyPair.publicKey))).rejects.toThrow()
      const [knows, named] = how === 'dialled' ? [client, server] : [server, client]
      await fake.clock.advance(how === 'dialled' ? 20 : 75)
      knows.revoke(group.revoke([named.keyPair.publicKey], 1))
      await fake.clock.advance(20_000)
      await failed.catch(() => {})
      expect([...shown(knows), knows.connections.size]).toEqual([0, 0])
    }
  )

  test('with an invalid list throws and changes nothing', async () => {
    const swarm = setUp().member([group])
    const { bytes } = group.invite(swarm.keyPair.publicKey)
    expect(() => swarm.revoke(bytes)).toThrowError(expect.objectContaining({ code: 'MEMBERSHIP_INVALID' }))
    expect(() => swarm.revoke('list' as unknown as Uint8Array)).toThrowError(
      expect.objectContaining({ name: 'TypeError' })
    )
  })
})

describe('expiry', () => {
  test('closes an open connection, which is made again if the membership was renewed meanwhile', async () => {
    const fake = setUp()
    const [server, keyPair] = [fake.member([group]), createKeyPair()]
    const until = (ms: number): Membership => group.invite(keyPair.publicKey, { expiresAt: fake.clock.wall.now() + ms })
    const client = fake.createSwarm({ keyPair, membership: until(HOUR_MS), backoffs: [10], jitter: 0 })
    await meet(fake, server, client)
    client.renew(until(2 * HOUR_MS))
    await fake.clock.advance(HOUR_MS + 1000)
    expect([server.connections.size, ...shown(server)]).toEqual([1, 2])
    expect(infoOf(server, client)?.membership?.expiresAt).toBeGreaterThan(fake.clock.wall.now())
    await fake.clock.advance(HOUR_MS)
    expect([server.connections.size, ...shown(server)]).toEqual([0, 2])
    expect(client.stats.dials['NOT_A_MEMBER']).toBeGreaterThan(0)
  })

  test("of a dialled peer's membership is confirmed by a new dial", async () => {
    const fake = setUp()
    const [client, keyPair] = [fake.member([group], { backoffs: [10] }), createKeyPair()]
    const until = (ms: number): Membership => group.invite(keyPair.publicKey, { expiresAt: fake.clock.wall.now() + ms })
    const server = fake.createSwarm({ keyPair, membership: until(HOUR_MS) })
    await meet(fake, server, client)
    server.renew(until(2 * HOUR_MS))
    await fake.clock.advance(HOUR_MS)
    expect([client.connections.size, ...shown(client)]).toEqual([1, 2])
    await fake.clock.advance(HOUR_MS)
    expect([client.connections.size, ...shown(client)]).toEqual([0, 2])
    await fake.clock.advance(1000)
    expect([client.stats.notMembers, infoOf(client, server)?.parked]).toEqual([1, true])
  })

  test('beyond the range of a timer does no harm', async () => {
    const fake = setUp()
    const keyPair = createKeyPair()
    const expiresAt = fake.clock.wall.now() + 2 ** 33
    const client = fake.createSwarm({ keyPair, membership: group.invite(keyPair.publicKey, { expiresAt }) })
    const server = fake.member([group])
    await meet(fake, server, client)
    await client.leave(topic)
    await server.leave(topic)
    await fake.clock.advance(2 ** 33 - 5000)
    expect(server.connections.size).toBe(1)
    await fake.clock.advance(5000)
    expect(server.connections.size).toBe(0)
  })
})
