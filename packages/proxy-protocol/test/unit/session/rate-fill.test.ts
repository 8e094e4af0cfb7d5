/** A session can continue the rates of another. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Rig } from '../../support/helpers.js'

const EMPTY = new Uint8Array(0)
const LIMITS = { requestsPerSecond: 10, notifiesPerSecond: 10, streamsPerSecond: 10 }

test('a session says what is left of its peer’s bursts, and another begins with that', async () => {
  const clock = new FakeClock()
  const peer = { limits: { requestTimeoutMs: 0 } }
  const options = { clock, limits: LIMITS, onRequest: () => EMPTY, onStream: () => {} }
  const first = new Rig(peer, options).connect()
  expect(first.b.rateFill).toEqual({ requests: 1, notifications: 1, streams: 1 })
  await Promise.all(Array.from({ length: 5 }, () => first.a.request(1, EMPTY)))
  for (let i = 0; i < 8; i++) first.a.notify(1, EMPTY)
  for (let i = 0; i < 10; i++) first.a.openStream(EMPTY).on('error', () => {})
  await first.a.request(1, EMPTY)
  const left = first.b.rateFill
  expect(left.requests).toBeCloseTo(0.4)
  expect(left.notifications).toBeCloseTo(0.2)
  expect(left.streams).toBeCloseTo(0)
  first.destroy()

  const second = new Rig(peer, { ...options, rateFill: left }).connect()
  const reason = new Promise((resolve) => second.a.openStream(EMPTY).on('error', resolve))
  expect(await reason).toMatchObject({ code: 'RATE_LIMIT' })
  await clock.advance(1000)
  expect(second.b.rateFill).toEqual({ requests: 1, notifications: 1, streams: 1 })
  second.destroy()
})
