/**
 * Each network had a rate, and somebody with 30 addresses had 30 of them: lookups from 30 networks took all of a server's
 * time where the DHT is near.
 */
import { RateLimit } from '@swarmway/runtime'
import { expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { NetworkPace } from '../../../src/fairness/network-pace.js'

const CROWD = Array.from({ length: 30 }, (_, i) => `192.0.2.${i + 1}`)

/** What each network can begin at this moment. */
function begin(pace: NetworkPace, network: string): number {
  let count = 0
  for (; pace.mayBegin(network) && count < 1000; count++) pace.count(network)
  return count
}

test('all networks together begin no more than four of them, and a little of their own', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock)
  for (const network of CROWD) begin(pace, network)
  let count = 0
  for (let i = 0; i < 100; i++) {
    await clock.advance(100)
    for (const network of CROWD) count += begin(pace, network)
  }
  const own = CROWD.length * 4 * 10
  expect(count).toBeGreaterThan(4 * 64 * 10)
  expect(count).toBeLessThanOrEqual(4 * 64 * 10 + own + 4 * 64)
})

// Each network's own part came on top, and half of what it may begin at once: 1,000 networks had the rates of 66, after a
// burst of 32 each.
test('however many networks there are, their own parts together are no more than four rates', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock)
  const crowd = Array.from({ length: 1000 }, (_, i) => `network ${i}`)
  let count = 0
  for (const network of crowd) count += begin(pace, network)
  expect(count, 'one each, and bursts of all and of the first').toBeLessThan(1000 + 3 * 4 * 64)
  count = 0
  for (let i = 0; i < 200; i++) {
    await clock.advance(100)
    for (const network of crowd) count += begin(pace, network)
  }
  expect(count / 20).toBeGreaterThan(4 * 64)
  expect(count / 20).toBeLessThan(2.2 * 4 * 64)
})

test('of many networks that begin little, none waits, also beside some that always want something', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock)
  for (let i = 0; i < 5000; i++) {
    if (i % 10 === 0) for (const network of CROWD) begin(pace, network)
    expect(pace.mayBegin(`home ${i}`)).toBe(true)
    pace.count(`home ${i}`)
    await clock.advance(10)
  }
})

test('networks are forgotten once they have their part again, so that they do not count as a crowd', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock)
  for (let i = 0; i < 1000; i++) pace.count(`network ${i}`)
  await clock.advance(60_000)
  for (let second = 0; second < 5; second++) {
    for (const network of CROWD) begin(pace, network)
    for (let i = 0; i < 4; i++) {
      expect(pace.mayBegin('198.51.100.1')).toBe(true)
      pace.count('198.51.100.1')
    }
    await clock.advance(1000)
  }
})

// With more than 1,024 networks in debt, each count looked at all of them.
test.each([true, false])('all networks are looked at now and then, not each time (shared: %s)', async (isShared) => {
  const clock = new FakeClock()
  const pace = new NetworkPace(2, clock, { atOnce: 1000, isShared })
  for (let i = 0; i < 3000; i++) pace.count(`network ${i}`)
  const looks = vi.spyOn(RateLimit.prototype, 'fill', 'get')
  await clock.advance(1000)
  for (let i = 0; i < 1000; i++) pace.count('busy')
  expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * 3000)
  looks.mockRestore()
})

test('a network that begins little does not wait for a crowd', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock)
  for (let second = 0; second < 20; second++) {
    for (const network of CROWD) begin(pace, network)
    for (let i = 0; i < 4; i++) {
      expect(pace.mayBegin('198.51.100.1')).toBe(true)
      pace.count('198.51.100.1')
    }
    await clock.advance(1000)
  }
})

test('alone, a network has its whole rate', () => {
  const pace = new NetworkPace(64, new FakeClock())
  expect(begin(pace, '198.51.100.1')).toBe(64)
})

test('what is not shared is limited for each network only', () => {
  const pace = new NetworkPace(64, new FakeClock(), { isShared: false })
  expect(CROWD.map((network) => begin(pace, network))).toEqual(CROWD.map(() => 64))
})

test('networks that have been forgotten bring no debt back, and those with a debt are not forgotten', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(2, clock, { isShared: false })
  for (let i = 0; i < 3000; i++) pace.count(`network ${i}`)
  begin(pace, 'busy')
  for (let i = 0; i < 3000; i++) pace.count(`other ${i}`)
  expect(pace.mayBegin('busy')).toBe(false)
  await clock.advance(60_000)
  expect(pace.mayBegin('busy')).toBe(true)
})

test('under strain all networks together begin a quarter, and so are their own parts together', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock, { strain: () => 4 })
  for (const network of CROWD) begin(pace, network)
  let count = 0
  for (let i = 0; i < 100; i++) {
    await clock.advance(100)
    for (const network of CROWD) count += begin(pace, network)
  }
  expect(count / 10).toBeGreaterThan(64)
  expect(count / 10).toBeLessThan(1.1 * 2 * 64)
})

test('under strain a network that has been quiet begins most of its own part at once, and one alone its whole rate', () => {
  const pace = new NetworkPace(64, new FakeClock(), { ownAtOnce: 64, strain: () => 4 })
  const counts = CROWD.map((network) => begin(pace, network))
  expect(counts[0]).toBe(64)
  expect(counts.at(-1)).toBeGreaterThan(45)
})

test('under strain a network that begins little does not wait for a crowd', async () => {
  const clock = new FakeClock()
  const pace = new NetworkPace(64, clock, { ownAtOnce: 64, strain: () => 4 })
  for (let second = 0; second < 20; second++) {
    for (const network of CROWD) begin(pace, network)
    for (let i = 0; i < 2; i++) {
      expect(pace.mayBegin('198.51.100.1')).toBe(true)
      pace.count('198.51.100.1')
    }
    await clock.advance(1000)
  }
})
