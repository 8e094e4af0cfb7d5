import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { fc } from '../../../../runtime/test/support/properties.js'
import { MAX_FAILURES, nextDialMs, RetryTimer } from '../../../src/dialing/backoff.js'
import type { PeerInfo } from '../../../src/peers/peer-info.js'
import { createPeer, createPeers } from '../../support/peers.js'

const settings = { backoffs: [1000, 5000, 15_000, 600_000], jitter: 0 }
const noRandom = () => 0

function waits(proven: boolean, howMany: number): Array<number | null> {
  return Array.from({ length: howMany }, (_, attempts) => {
    const info = Object.assign(createPeer(), { attempts, proven })
    return nextDialMs(info, settings, noRandom)
  })
}

test('the waits follow the option, then double up to its last value', () => {
  expect(waits(false, 11)).toEqual([
    1000, 5000, 15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000
  ])
})

test('a peer that has opened before starts one step earlier', () => {
  expect(waits(true, 4)).toEqual([1000, 1000, 5000, 15_000])
})

test('jitter adds at most that many milliseconds', () => {
  const info = createPeer()
  expect(nextDialMs(info, { ...settings, jitter: 500 }, () => 0.5)).toBe(1250)
  expect(nextDialMs(info, { ...settings, jitter: 500 }, () => 0.9999)).toBe(1500)
})

test('whatever the backoffs, no wait is negative or longer than the last one plus jitter', () => {
  const durations = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(durations, fc.nat(1000), fc.nat(10_000), fc.boolean(), (backoffs, jitter, attempts, proven) => {
      const info = Object.assign(createPeer(), { attempts, proven })
      const waitMs = nextDialMs(info, { backoffs, jitter }, Math.random) ?? Number.NaN
      expect(waitMs).toBeGreaterThanOrEqual(0)
      expect(waitMs).toBeLessThanOrEqual(Math.max(...backoffs) + jitter)
    })
  )
})

test('a single backoff is the wait and the ceiling', () => {
  const info = Object.assign(createPeer(), { attempts: 100 })
  expect(nextDialMs(info, { backoffs: [50], jitter: 0 }, noRandom)).toBe(50)
})

// hyperswarm 4.17 forgets a peer whose link opened and died young four times, until the next refresh.
test('short-lived connections alone never end the attempts', () => {
  const clock = new FakeClock()
  const info = createPeer(clock)
  for (let round = 0; round < 100; round++) {
    info.onConnected(true)
    info.onDisconnected()
    expect(nextDialMs(info, settings, noRandom)).not.toBeNull()
  }
  expect(nextDialMs(info, settings, noRandom)).toBe(600_000)
})

test('dials that never open end the attempts after a documented number, but not for explicit peers', () => {
  const info = createPeer()
  for (let failures = 1; failures < MAX_FAILURES; failures++) info.onDisconnected()
  expect(nextDialMs(info, settings, noRandom)).not.toBeNull()
  info.onDisconnected()
  expect(nextDialMs(info, settings, noRandom)).toBeNull()
  info.explicit = true
  expect(nextDialMs(info, settings, noRandom)).not.toBeNull()
})

test.each([
  ['banned', (info: PeerInfo) => info.ban()],
  ['disconnected by the application', (info: PeerInfo) => Object.assign(info, { parked: true })],
  ['not to be reconnected', (info: PeerInfo) => info.reconnect(false)]
])('a peer that is %s is not redialled automatically', (_, change) => {
  const info = Object.assign(createPeer(), { explicit: true })
  change(info)
  expect(nextDialMs(info, settings, noRandom)).toBeNull()
})

test('a connection that lasted a while resets the next wait to the first one', async () => {
  const clock = new FakeClock()
  const info = Object.assign(createPeer(clock), { attempts: 7 })
  info.onConnected(true)
  await clock.advance(15_000)
  info.onDisconnected()
  expect(info.attempts).toBe(1)
})

test('the retry timer hands a peer over once, when its wait has passed', async () => {
  const clock = new FakeClock()
  const due: PeerInfo[] = []
  const retries = new RetryTimer(clock, (info) => due.push(info))
  const info = createPeer()
  retries.add(info, 100)
  retries.add(info, 200)
  expect(info.waiting).toBe(true)
  await clock.advance(199)
  expect(due).toEqual([])
  await clock.advance(1)
  expect(due).toEqual([info])
  expect(info.waiting).toBe(false)
  expect([retries.size, clock.liveTimers]).toEqual([0, 0])
})

test('a wait that was removed or drained does not fire', async () => {
  const clock = new FakeClock()
  const retries = new RetryTimer(clock, () => expect.unreachable())
  const [one, two, three] = createPeers(3)
  if (!one || !two || !three) return expect.unreachable()
  for (const info of [one, two, three]) retries.add(info, 10)
  retries.remove(one)
  expect(retries.drain()).toEqual([two, three])
  expect([one, two, three].map((info) => info.waiting)).toEqual([false, false, false])
  await clock.advance(100)
  expect(clock.liveTimers).toBe(0)
})
