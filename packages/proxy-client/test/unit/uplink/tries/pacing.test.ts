import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { GOOD_LINK_MS, Pacing } from '../../../../src/uplink/tries/pacing.js'

const WHOLE = () => 1

function pacing(options: Partial<ConstructorParameters<typeof Pacing>[0]> = {}) {
  const clock = new FakeClock()
  return {
    clock,
    pacing: new Pacing({ clock, reconnectMinMs: 250, reconnectMaxMs: 30_000, random: WHOLE, ...options })
  }
}

/** Begins an early try whenever one may be made, for `ms`, and gives the times. */
async function storm(clock: FakeClock, paced: Pacing, ms: number): Promise<number[]> {
  const times: number[] = []
  const began = clock.now()
  for (; clock.now() - began < ms; await clock.advance(25)) {
    if (paced.earlyWaitMs() > 0) continue
    paced.began(true)
    times.push(clock.now() - began)
  }
  return times
}

test('waits double with each round of failures, and half of each is random', () => {
  for (const [random, part] of [
    [0, 0.5],
    [1, 1]
  ] as const) {
    const { pacing: paced } = pacing({ random: () => random })
    expect(paced.waitMs(2)).toBe(250 * part)
    for (let i = 0; i < 3; i++) paced.failed()
    expect(paced.waitMs(2)).toBe(500 * part)
    expect(paced.waitMs(1)).toBe(2000 * part)
  }
})

// The jitter came on top of the ceiling: with reconnectMaxMs 30000, clients waited up to 45 s.
test('no wait exceeds reconnectMaxMs', () => {
  const { pacing: paced } = pacing()
  for (let i = 0; i < 2000; i++) {
    paced.failed()
    expect(paced.waitMs(1)).toBeLessThanOrEqual(30_000)
  }
})

test('options of 0 still space the tries', () => {
  const { pacing: paced } = pacing({ reconnectMinMs: 0, reconnectMaxMs: 0 })
  expect(paced.waitMs(1)).toBe(10)
  for (let i = 0; i < 50; i++) paced.failed()
  expect(paced.waitMs(1)).toBe(100)
})

test('early tries: the first at once, the next after growing waits', async () => {
  const { clock, pacing: paced } = pacing()
  paced.began(false)
  expect(await storm(clock, paced, 8000)).toEqual([0, 250, 750, 1750, 3750, 7750])
})

test('a link that lived resets failures and early tries; one that did not is a failure', async () => {
  const { clock, pacing: paced } = pacing()
  await storm(clock, paced, 8000)
  expect(paced.linkEnded(GOOD_LINK_MS - 1)).toBe(false)
  expect(paced.waitMs(1)).toBe(500)
  expect(paced.earlyWaitMs()).toBeGreaterThan(0)
  expect(paced.linkEnded(GOOD_LINK_MS)).toBe(true)
  expect([paced.waitMs(1), paced.earlyWaitMs()]).toEqual([250, 0])
})

test('after a long time without early tries, the next is made at once', async () => {
  const { clock, pacing: paced } = pacing()
  await storm(clock, paced, 8000)
  await clock.advance(59_000)
  paced.began(false)
  expect(paced.earlyWaitMs()).toBeGreaterThan(0)
  await clock.advance(1500)
  expect(paced.earlyWaitMs()).toBe(0)
})
