/** A new session does not refill the bursts of the last one. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { RecentRates } from '../../../src/fairness/recent-rates.js'

const HOME = '192.0.2.1'
const FULL = { listens: 1, notifications: 1, requests: 1, streams: 1 }

test('a newcomer continues the most used rates of its network, and the next one the rest', async () => {
  const clock = new FakeClock()
  const rates = new RecentRates(clock)
  rates.add(HOME, { ...FULL, requests: 0.5 })
  rates.add(HOME, { ...FULL, listens: 0 })
  rates.add('192.0.2.2', { ...FULL, requests: 0 })
  await clock.advance(250)
  expect(rates.take(HOME)).toEqual({ ...FULL, listens: 0.25 })
  expect(rates.take(HOME)).toEqual({ ...FULL, requests: 0.75 })
  expect(rates.take(HOME)).toBeUndefined()
})

test('after a second all is full again, and nothing is kept', async () => {
  const clock = new FakeClock()
  const rates = new RecentRates(clock)
  rates.add(HOME, FULL)
  expect(rates.take(HOME)).toBeUndefined()
  rates.add(HOME, { ...FULL, requests: 0 })
  await clock.advance(1000)
  expect(rates.take(HOME)).toBeUndefined()
})

test('only the last 4096 departures of a second are kept', () => {
  const rates = new RecentRates(new FakeClock())
  for (let i = 0; i <= 4096; i++) rates.add(`network ${i}`, { ...FULL, requests: 0 })
  expect(rates.take('network 0')).toBeUndefined()
  expect(rates.take('network 1')).toEqual({ ...FULL, requests: 0 })
})
