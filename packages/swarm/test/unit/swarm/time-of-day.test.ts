import { systemClock } from '@swarmway/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PacketLimits } from '../../../src/lan/packet-limits.js'
import { group, HOUR_MS, meet, setUp } from '../../support/groups.js'
import { createPeer } from '../../support/peers.js'

/**
 * Somebody sets the clock, NTP steps it, a machine is restored. What lasts a while was measured with the time of day:
 * bans ended or never did, limits starved, and connections counted as young or good by a leap.
 */

const DAY_MS = 86_400_000
const JUMPS_MS = [-DAY_MS, -60_000, 60_000, DAY_MS]

const DATE = 1_700_000_000_000

beforeEach(() => {
  setTimeOfDay(0)
  setMoment(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

function setTimeOfDay(jumpMs: number): void {
  vi.spyOn(Date, 'now').mockReturnValue(DATE + jumpMs)
}

/** So much time has passed. */
function setMoment(passedMs: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(1000 + passedMs)
}

describe.each(JUMPS_MS)('when the time of day jumps by %i ms', (jumpMs) => {
  test('a ban holds for as long as it was to hold', () => {
    const info = createPeer(systemClock)
    info.ban(true, { ttlMs: 30_000 })
    setTimeOfDay(jumpMs)
    expect(info.banned).toBe(true)
    setMoment(30_000)
    expect(info.banned).toBe(false)
  })

  test('a connection that was lost at once is not a good one', () => {
    const info = createPeer(systemClock)
    info.attempts = 2
    info.onConnected(true)
    setTimeOfDay(jumpMs)
    info.onDisconnected()
    expect([info.attempts, info.disconnectedTime]).toEqual([3, DATE + jumpMs])
  })

  test('packets of the local network are neither let through nor shut out', () => {
    const limits = new PacketLimits(systemClock)
    while (limits.takePacket('10.0.0.1')) {}
    setTimeOfDay(jumpMs)
    expect(limits.takePacket('10.0.0.1')).toBe(false)
    setMoment(100)
    expect(limits.takePacket('10.0.0.1')).toBe(true)
  })

  test('topics are looked up as often as before, and connections stay', async () => {
    const fake = setUp()
    const [server, client] = [fake.member([group]), fake.member([group])]
    await meet(fake, server, client)
    await fake.clock.advance(60_000)
    const queries = client.stats.queries.total
    setTimeOfDay(jumpMs)
    fake.clock.setDate(fake.clock.wall.now() + jumpMs)
    await fake.clock.advance(60_000)
    expect([client.stats.queries.total, client.connections.size]).toEqual([queries, 1])
  })
})

/** It was looked at when a timer fired that had been set for the whole time: by then the date had long come. */
test('a membership whose date has come by a jump ends within a minute, and one whose date was put off stays', async () => {
  const fake = setUp()
  const server = fake.member([group])
  const keyPair = fake.member([group]).keyPair
  const expiresAt = fake.clock.wall.now() + 10 * HOUR_MS
  const client = fake.createSwarm({ keyPair, membership: group.invite(keyPair.publicKey, { expiresAt }) })
  await meet(fake, server, client)
  fake.clock.setDate(expiresAt - 20 * HOUR_MS)
  await fake.clock.advance(11 * HOUR_MS)
  expect(server.connections.size).toBe(1)
  fake.clock.setDate(expiresAt + 1)
  await fake.clock.advance(60_000)
  expect(server.connections.size).toBe(0)
})
