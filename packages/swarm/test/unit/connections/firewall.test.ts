import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import type { Firewall } from '../../../src/connections/firewall.js'
import { FirewallCheck } from '../../../src/connections/firewall.js'
import { bytes32, createFakeNetwork } from '../../support/fake-swarm.js'

function check(firewall: Firewall | null, clock = new FakeClock()) {
  return new FirewallCheck(firewall, 1000, clock).refuses(bytes32(1), { from: 'test' })
}

test('without a firewall, no peer is refused', () => {
  expect(check(null)).toBe(false)
})

test('a synchronous answer takes effect at once', () => {
  expect(check(() => true)).toBe(true)
  expect(check(() => false)).toBe(false)
  expect(check((() => undefined) as unknown as Firewall)).toBe(false)
})

test('the firewall sees the key and the payload', () => {
  const seen: unknown[] = []
  check((key, payload) => seen.push(key, payload) === 0)
  expect(seen).toEqual([bytes32(1), { from: 'test' }])
})

test('a firewall that throws or rejects refuses the peer, and its error is uncaught', async () => {
  const fail = () => {
    throw new Error('broken')
  }
  const errors = await uncaught(async () => {
    expect(check(fail)).toBe(true)
    expect(await check(async () => fail())).toBe(true)
  })
  expect(errors.map(String)).toEqual(['Error: broken', 'Error: broken'])
})

test('an answer within the deadline counts, and leaves no timer', async () => {
  const clock = new FakeClock()
  expect(await check(async () => false, clock)).toBe(false)
  expect(await check(async () => true, clock)).toBe(true)
  expect(clock.liveTimers).toBe(0)
})

test('no answer within the deadline refuses', async () => {
  const clock = new FakeClock()
  let refuses: boolean | null = null
  const answer = Promise.resolve(check(() => new Promise(() => {}), clock)).then((late) => {
    refuses = late
  })
  await clock.advance(999)
  expect(refuses).toBeNull()
  await clock.advance(1)
  await answer
  expect(refuses).toBe(true)
})

// hyperswarm 4.17 bans a key for the life of the process after one refusal.
test('a refusal is not a ban: the next attempt asks again', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  let isOpen = false
  const asked: Uint8Array[] = []
  const server = createSwarm({
    firewall: (key) => {
      asked.push(key)
      return !isOpen
    }
  })
  await server.listen()
  const client = createSwarm()
  await expect(client.connect(server.keyPair.publicKey)).rejects.toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
  expect(server.stats).toMatchObject({ firewallRefusals: 1, bannedPeers: 0 })
  isOpen = true
  const connection = await client.connect(server.keyPair.publicKey)
  await clock.advanceUntil(() => server.connections.size === 1)
  expect(connection.destroying).toBe(false)
  expect(asked).toHaveLength(2)
})

test('our own firewall stops dials, with FIREWALLED', async () => {
  const { createSwarm } = createFakeNetwork()
  const server = createSwarm()
  await server.listen()
  const client = createSwarm({ firewall: (_key, payload) => payload === null })
  await expect(client.connect(server.keyPair.publicKey)).rejects.toMatchObject({ code: 'FIREWALLED' })
  expect(client.node.dials).toEqual([])
  expect(client.stats).toMatchObject({ firewallRefusals: 1, dials: { FIREWALLED: 1 } })
})

// A deadline that outlives the swarm keeps the process alive for its 5 seconds.
test('destroy does not wait for a firewall that has not answered, and leaves no timer', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const server = createSwarm({ firewall: () => new Promise(() => {}) })
  await server.listen()
  const client = createSwarm()
  const dialled = client.connect(server.keyPair.publicKey).catch(() => {})
  await clock.advance(0)
  expect(clock.liveTimers).toBeGreaterThan(0)
  await Promise.all([server.destroy(), client.destroy(), dialled])
  expect(clock.liveTimers).toBe(0)
})
