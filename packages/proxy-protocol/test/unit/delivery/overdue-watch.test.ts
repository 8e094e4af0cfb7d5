import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { OverdueWatch } from '../../../src/delivery/overdue-watch.js'

function setUp() {
  const clock = new FakeClock()
  const state = { isOwed: false, bytesIn: 0, overdue: 0 }
  const watch = new OverdueWatch(clock, {
    isOwed: () => state.isOwed,
    bytesIn: () => state.bytesIn,
    onOverdue: () => state.overdue++
  })
  return { clock, state, watch }
}

test('a second of silence is overdue, and each further one, until the acknowledgement arrives', async () => {
  const { clock, state, watch } = setUp()
  state.isOwed = true
  watch.onSent()
  await clock.advance(3000)
  expect(state.overdue).toBe(3)
  state.isOwed = false
  await clock.advance(3000)
  expect([state.overdue, clock.liveTimers]).toEqual([3, 0])
})

test('a peer that sends anything is not overdue', async () => {
  const { clock, state, watch } = setUp()
  state.isOwed = true
  for (let i = 0; i < 60; i++) {
    watch.onSent()
    state.bytesIn++
    await clock.advance(500)
  }
  expect(state.overdue).toBe(0)
})

test('there is no timer while nothing is owed, nor after stop', async () => {
  const { clock, watch } = setUp()
  expect(clock.liveTimers).toBe(0)
  watch.onSent()
  await clock.advance(1000)
  expect(clock.liveTimers).toBe(0)
  watch.onSent()
  watch.stop()
  expect(clock.liveTimers).toBe(0)
})
