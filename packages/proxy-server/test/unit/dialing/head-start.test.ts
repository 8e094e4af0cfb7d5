import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { HeadStart } from '../../../src/dialing/head-start.js'

function setUp() {
  const clock = new FakeClock()
  const dial = new AbortController()
  const headStart = new HeadStart(clock, dial.signal)
  const outcomes: boolean[] = []
  void headStart.isSearchNeeded.then((isNeeded) => outcomes.push(isNeeded))
  return { clock, dial, headStart, outcomes }
}

test('a relay has 300 ms from the first request', async () => {
  const { clock, headStart, outcomes } = setUp()
  await clock.advance(5000)
  headStart.begin()
  await clock.advance(200)
  headStart.begin()
  await clock.advance(99)
  expect(outcomes).toEqual([])
  await clock.advance(1)
  expect([outcomes, clock.liveTimers]).toEqual([[true], 0])
})

test('a search begins at once when a relay has failed', async () => {
  const { clock, headStart, outcomes } = setUp()
  headStart.begin()
  headStart.settle(true)
  await clock.advance(0)
  expect([outcomes, clock.liveTimers]).toEqual([[true], 0])
})

test('no search begins once the peer has answered, also if another relay fails later', async () => {
  const { clock, headStart, outcomes } = setUp()
  headStart.begin()
  headStart.settle(false)
  headStart.settle(true)
  headStart.begin()
  await clock.advance(5000)
  expect([outcomes, clock.liveTimers]).toEqual([[false], 0])
})

test('no search begins once the dial has ended, and no timer is left', async () => {
  const { clock, dial, headStart, outcomes } = setUp()
  headStart.begin()
  dial.abort()
  await clock.advance(5000)
  expect([outcomes, clock.liveTimers]).toEqual([[false], 0])
})

test('relays have half a second more when no node knows the peer, also if one of them fails meanwhile', async () => {
  const { clock, headStart } = setUp()
  headStart.begin()
  await clock.advance(300)
  headStart.onUnknown()
  headStart.settle(true)
  await clock.advance(499)
  expect(headStart.over.aborted).toBe(false)
  await clock.advance(1)
  expect([headStart.over.aborted, clock.liveTimers]).toEqual([true, 0])
})

test('relays are waited for once the peer has answered, whatever the search finds', async () => {
  const { clock, headStart } = setUp()
  headStart.begin()
  await clock.advance(300)
  headStart.onUnknown()
  headStart.settle(false)
  headStart.onUnknown()
  await clock.advance(5000)
  expect([headStart.over.aborted, clock.liveTimers]).toEqual([false, 0])
})
