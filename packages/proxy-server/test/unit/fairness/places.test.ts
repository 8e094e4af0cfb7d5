/**
 * When the rate of all networks was used up, each arrival and each place that was given back sorted everything that waited:
 * with thousands of clients that took longer than what they waited for.
 */
import { expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { NetworkPace } from '../../../src/fairness/network-pace.js'
import { type Applicant, Places } from '../../../src/fairness/places.js'

const PER_SECOND = 64
const WAITING = 500

/** Places that are free while all networks have used up their rates. `begun` names who has got a place. */
function held() {
  const clock = new FakeClock()
  const pace = new NetworkPace(PER_SECOND, clock)
  const places = new Places(10_000, pace)
  const begun: string[] = []
  const enter = (network: string, options: Partial<Applicant> = {}): Applicant => {
    const applicant = { ...options, begin: () => begun.push(network) }
    places.enter(applicant, { network })
    return applicant
  }
  // The first two of each network, so that it and all together have nothing left.
  for (let i = 0; i < WAITING; i++) for (let turn = 0; turn < 4; turn++) enter(`network ${i}`)
  begun.length = 0
  const asked = vi.spyOn(pace, 'mayBegin')
  return { asked, begun, clock, enter, pace, places }
}

test('arrivals that have to wait are not compared with all others', () => {
  const { asked, begun, enter, places } = held()
  const before = places.waiting
  for (let i = 0; i < WAITING; i++) enter(`network ${i}`)
  expect([begun, places.waiting]).toEqual([[], before + WAITING])
  expect(asked.mock.calls.length).toBeLessThanOrEqual(2 * WAITING)
})

test('a place that is given back while rates hold back all others begins nothing', () => {
  const { asked, places } = held()
  for (let i = 0; i < 100; i++) places.release({ begin: () => {} })
  expect(asked).not.toHaveBeenCalled()
})

test('a network that has begun nothing gets its place at once, and what has had one before, too', () => {
  const { begun, enter } = held()
  enter('network 1', { isResumed: true })
  enter('newcomer')
  expect(begun).toEqual(['network 1', 'newcomer'])
})

test('what is secondary begins when another of its kind has ended, also while rates hold back the rest', () => {
  const clock = new FakeClock()
  const places = new Places(2, new NetworkPace(1, clock))
  const begun: string[] = []
  const enter = (name: string, network: string, isSecondary: boolean): Applicant => {
    const applicant = { isSecondary, begin: () => begun.push(name) }
    places.enter(applicant, { network })
    return applicant
  }
  const first = enter('first', 'a', true)
  enter('of a', 'a', false)
  enter('second', 'b', true)
  expect(begun).toEqual(['first'])
  places.release(first)
  expect(begun).toEqual(['first', 'second'])
})

test('all that wait begin in the end, at the rate', async () => {
  const { begun, clock, places } = held()
  const waiting = places.waiting
  await clock.advance(1000)
  expect(begun.length).toBeGreaterThanOrEqual(4 * PER_SECOND - 8)
  await clock.advance(60_000)
  expect([begun.length, places.waiting, clock.liveTimers]).toEqual([waiting, 0, 0])
})
