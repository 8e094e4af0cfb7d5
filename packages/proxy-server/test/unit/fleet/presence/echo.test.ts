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

// A broker that passed nothing on looked like a fleet of one server that is in order.
test('a server that has not heard itself for two leases hears nobody, until it hears itself', async () => {
  const { changesOf, clock, echo: watched } = echo()
  await clock.advance(1999)
  watched.look()
  watched.look()
  expect(watched.isMissing).toBe(false)
  await clock.advance(1)
  watched.look()
  expect(watched.isMissing, 'what has arrived may wait to be read').toBe(false)
  watched.look()
  expect([watched.isMissing, changesOf()]).toEqual([true, 1])
  watched.heard()
  expect([watched.isMissing, changesOf()]).toEqual([false, 2])
})

test('a process that stood still is not taken for a broker that passes nothing on', async () => {
  const { clock, changesOf, echo: watched } = echo()
  await clock.advance(60_000)
  watched.look()
  watched.heard()
  watched.look()
  expect([watched.isMissing, changesOf()]).toEqual([false, 0])
})
