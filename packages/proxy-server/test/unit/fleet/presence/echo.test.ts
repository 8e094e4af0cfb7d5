import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { Echo } from '../../../../src/fleet/presence/echo.js'

function echo() {
  const clock = new FakeClock()
  let changes = 0
  const watched = new Echo(clock, 1000, () => {
    changes++
  })
  const changesOf = () => changes
  return { clock, changesOf, echo: watched }
}

/** Milliseconds between two looks of a process that runs; the lease is 1000. */
const LOOK_MS = 250

// A broker that passed nothing on looked like a fleet of one server that is in order.
test('a server that has not heard itself for two leases hears nobody, until it hears itself', async () => {
  const { changesOf, clock, echo: watched } = echo()
  for (let ms = LOOK_MS; ms < 2000; ms += LOOK_MS) {
    await clock.advance(LOOK_MS)
    watched.look()
  }
  expect(watched.isMissing).toBe(false)
  await clock.advance(LOOK_MS)
  watched.look()
  watched.look()
  expect([watched.isMissing, changesOf()]).toEqual([true, 1])
  watched.heard()
  expect([watched.isMissing, changesOf()]).toEqual([false, 2])
})

// After a stall of 35 s came a second, short one, and no time to read in between.
test('a process that stood still is not taken for a broker that passes nothing on', async () => {
  const { clock, changesOf, echo: watched } = echo()
  for (const stallMs of [60_000, 2000, 2000]) {
    await clock.advance(stallMs)
    watched.look()
  }
  expect(watched.isMissing).toBe(false)
  watched.heard()
  watched.look()
  expect([watched.isMissing, changesOf()]).toEqual([false, 0])
})

test('one that hardly ever runs says so in the end', async () => {
  const { clock, echo: watched } = echo()
  for (let looks = 0; looks < 6; looks++) {
    expect(watched.isMissing).toBe(false)
    await clock.advance(60_000)
    watched.look()
  }
  await clock.advance(60_000)
  watched.look()
  expect(watched.isMissing).toBe(true)
})
