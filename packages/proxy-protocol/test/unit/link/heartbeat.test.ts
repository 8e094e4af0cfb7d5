import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { monotonicMs } from '../../../src/index.js'
import { Heartbeat } from '../../../src/link/heartbeat.js'

/** A clock whose process stands still for `stallMs` before each timer. */
class LateClock extends FakeClock {
  stallMs = 0
  #lostMs = 0

  override now() {
    return monotonicMs(super.now() + this.#lostMs)
  }

  override setTimeout(run: () => void, delayMs: number): unknown {
    return super.setTimeout(() => {
      if (delayMs > 0) this.#lostMs += this.stallMs
      run()
    }, delayMs)
  }
}

function start(clock: FakeClock, misses = 3, pingsAlways = false) {
  const calls: boolean[] = []
  const heartbeat = new Heartbeat(clock, { intervalMs: 1000, misses, pingsAlways }, (isDead) => calls.push(isDead))
  return { heartbeat, calls }
}

test('silence is pinged from the second check on, and is death after the misses', async () => {
  const clock = new FakeClock()
  const { calls } = start(clock)
  await clock.advance(4000)
  expect(calls).toEqual([false, false, true])
  expect(clock.liveTimers).toBe(0)
})

/** A process stood still again and again; it declared its links dead while their answers waited in the sockets. */
test('checks that are late because the process stood still do not count, but ping', async () => {
  const clock = new LateClock()
  const { heartbeat, calls } = start(clock)
  clock.stallMs = 600
  await clock.advance(10_000)
  expect(calls).toEqual(Array(10).fill(false))
  clock.stallMs = 0
  await clock.advance(3000)
  expect(calls).not.toContain(true)
  heartbeat.stop()
})

test('where every check is late, death is noticed all the same, after ten of them', async () => {
  const clock = new LateClock()
  const { calls } = start(clock)
  clock.stallMs = 59_000
  await clock.advance(13_000)
  expect(calls).not.toContain(true)
  await clock.advance(1000)
  expect(calls.at(-1)).toBe(true)
})

/** The timer fires before the sockets are read, so the answer may be there already when the time is up. */
test('what is read in the turn after the last check saves the link', async () => {
  const clock = new FakeClock()
  const { heartbeat, calls } = start(clock, 1)
  clock.schedule(() => setImmediate(() => heartbeat.touch()), 2000)
  await clock.advance(2000)
  expect(calls).toEqual([])
  await clock.advance(2000)
  expect(calls).toEqual([true])
})

test('it can be stopped between the last check and the judgement', async () => {
  const clock = new FakeClock()
  const { heartbeat, calls } = start(clock, 1)
  clock.schedule(() => setImmediate(() => heartbeat.stop()), 2000)
  await clock.advance(5000)
  expect(calls).toEqual([])
})

/** An idle link was silent for two intervals at a time, which reverse proxies with a short timeout took for dead. */
test('the side that keeps a link alive pings at every check', async () => {
  const clock = new FakeClock()
  const { heartbeat, calls } = start(clock, 3, true)
  for (let i = 1; i <= 3; i++) {
    heartbeat.touch()
    await clock.advance(1000)
    expect(calls).toEqual(Array(i).fill(false))
  }
  heartbeat.stop()
})
