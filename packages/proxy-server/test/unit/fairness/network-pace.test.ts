/**
 * Each network had a rate, and somebody with 30 addresses had 30 of them: lookups from 30 networks took all of a server's
 * time where the DHT is near.
 */
import { expect, test } from 'vitest'
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
