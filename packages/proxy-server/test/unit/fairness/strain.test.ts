/**
 * What all networks may begin together is a number, and what that costs depends on the machine: 30 addresses that looked
 * topics up took more than half of a server's time, so that each step of an honest client's join waited.
 */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { DhtQueue } from '../../../src/dht/dht-queue.js'
import { Load } from '../../../src/fairness/load.js'
import { Strain } from '../../../src/fairness/strain.js'
import { Counters } from '../../../src/stats/counters.js'

function strainAfter(...busyShares: number[]): number {
  const shares = [...busyShares]
  const strain = new Strain(() => shares.shift() ?? 0)
  for (const _ of busyShares) strain.measure()
  return strain.value
}

test('it rises at once when the event loop is busy, and stays', () => {
  expect(strainAfter(0.9)).toBe(4)
  expect(strainAfter(0.9, 0.9, 0.9)).toBe(4)
})

test('it is gone a few seconds after the event loop has time', () => {
  expect(strainAfter(0.9, 0.9, ...Array.from({ length: 3 }, () => 0.1))).toBeGreaterThan(2)
  expect(strainAfter(0.9, 0.9, ...Array.from({ length: 7 }, () => 0.1))).toBe(1)
})

test('a loop that is busy less than a third of the time is not strained', () => {
  expect(strainAfter(0.29, 0.29, 0.29)).toBe(1)
})

test('the event loop of this process is measured', () => {
  const strain = new Strain()
  const end = performance.now() + 20
  while (performance.now() < end);
  strain.measure()
  expect(strain.value).toBe(4)
})

test('queries of many networks begin more slowly while the event loop is busy', async () => {
  const clock = new FakeClock()
  let busyShare = 0
  const load = new Load({ clock, counters: new Counters(), maxDelayMs: 500, strain: new Strain(() => busyShare) })
  const queue = new DhtQueue({ clock, load, maxInFlight: 5, perSecond: 64 })
  let begun = 0
  const crowd = Array.from({ length: 30 }, (_, i) => ({ network: `192.0.2.${i + 1}` }))
  const again = async (owner: { network: string }): Promise<void> => {
    for (; !isOver; begun++) await queue.schedule(owner, 'join', async () => {}).done
  }
  let isOver = false
  for (const owner of crowd) void again(owner)
  const inFiveSeconds = async (): Promise<number> => {
    // The bursts of all networks are over by then.
    await clock.advance(60_000)
    begun = 0
    await clock.advance(5000)
    return begun / 5
  }
  const idle = await inFiveSeconds()
  busyShare = 0.9
  const busy = await inFiveSeconds()
  isOver = true
  load.destroy()
  expect(idle).toBeGreaterThan(300)
  expect(busy).toBeLessThan(150)
  expect(busy).toBeGreaterThan(64)
})
