import { systemClock } from '@swarmway/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PacketLimits } from '../../../src/lan/packet-limits.js'
import { group, HOUR_MS, meet, setUp } from '../../support/groups.js'
import { createPeer } from '../../support/peers.js'

/**
 * A user sets the clock, NTP steps it, a machine is restored. Durations were measured with the time of day:
 * bans ended early or never, limits starved, and a jump made connections count as young or as good.
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

/** Sets the monotonic clock to this much elapsed time. */
function setMoment(passedMs: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(1000 + passedMs)
}

describe.each(JUMPS_MS)('when the time of day jumps by %i ms', (jumpMs) => {
  test('a ban holds for its full duration', () => {
    const info = createPeer(systemClock)
    info.ban(true, { ttlMs: 30_000 })
    setTimeOfDay(jumpMs)
    expect(info.banned).toBe(true)
    setMoment(30_000)
    expect(info.banned).toBe(false)
  })

  test('a connection that is lost at once does not count as good', () => {
    const info = createPeer(systemClock)
    info.attempts = 2
    info.onConnected(true)
    setTimeOfDay(jumpMs)
    info.onDisconnected()
    expect([info.attempts, info.disconnectedTime]).toEqual([3, DATE + jumpMs])
  })

  test('the rate of local network packets is neither raised nor blocked', () => {
    const limits = new PacketLimits(systemClock)
    while (limits.takePacket('10.0.0.1')) {}
    setTimeOfDay(jumpMs)
    expect(limits.takePacket('10.0.0.1')).toBe(false)
    setMoment(100)
    expect(limits.takePacket('10.0.0.1')).toBe(true)
  })

  test('topics are looked up at the same rate, and connections stay', async () => {
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

/** The date was checked when a timer fired that had been set for the whole time: by then it had long passed. */
test('a membership that a jump expires ends within a minute, and one that a jump extends stays', async () => {
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
