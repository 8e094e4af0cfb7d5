import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { type AnnouncedKey, ForgottenKeys } from '../../../src/listening/forgotten-keys.js'

/** A key that counts its announcements. */
function createKey() {
  const key = { announced: 0, announceAgain: () => void key.announced++ }
  return key
}

// Twelve dark seconds took all nodes of a key, and nobody could dial its client for five minutes.
test('a key that no node knows is announced again, and less and less often in vain', async () => {
  const clock = new FakeClock()
  const key = createKey()
  let forgotten: AnnouncedKey[] = []
  const keys = new ForgottenKeys(clock, () => forgotten)
  keys.start()
  await clock.advance(60_000)
  expect(key.announced).toBe(0)
  forgotten = [key]
  await clock.advance(5000)
  expect(key.announced).toBe(1)
  await clock.advance(3_600_000)
  expect(key.announced).toBeLessThan(70)
  forgotten = []
  await clock.advance(5000)
  forgotten = [key]
  const before = key.announced
  await clock.advance(5000)
  expect(key.announced).toBe(before + 1)
  keys.stop()
  expect(clock.liveTimers).toBe(0)
})
