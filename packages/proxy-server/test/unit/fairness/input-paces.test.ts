import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { InputPaces } from '../../../src/fairness/input-paces.js'

const OFFICE = '192.0.2.1'
const HOME = '198.51.100.1'

function setUp(perSecond = 1000) {
  const clock = new FakeClock()
  const held = { count: 0 }
  const paces = new InputPaces(perSecond, clock, () => held.count++)
  return { clock, held, paces }
}

/** A link that always has something to send, in chunks of this cost; `read` counts them. */
function greedy(paces: InputPaces, network: string, cost: number) {
  const pace = paces.of(network)
  const link = { read: 0, pace, readOn }
  function readOn(): void {
    do link.read++
    while (pace.take(cost))
    pace.wait(readOn)
  }
  return link
}

test('one network is read at its rate, and its links in turn', async () => {
  const { clock, held, paces } = setUp()
  const links = [greedy(paces, OFFICE, 100), greedy(paces, OFFICE, 100)]
  for (const { readOn } of links) readOn()
  expect(held.count).toBe(2)
  await clock.advance(60_000)
  const costs = links.map(({ read }) => read * 100)
  const total = costs.reduce((sum, cost) => sum + cost)
  expect(total).toBeGreaterThan(50_000)
  expect(total).toBeLessThan(70_000)
  for (const cost of costs) expect(cost).toBeGreaterThan(total / 3)
  for (const { pace } of links) pace.end()
  expect(clock.liveTimers).toBe(0)
})

test('a link that sends little waits for nobody, and neither does another network', async () => {
  const { clock, paces } = setUp()
  const busy = greedy(paces, OFFICE, 1000)
  busy.readOn()
  const quiet = paces.of(OFFICE)
  const elsewhere = paces.of(HOME)
  for (let i = 0; i < 60; i++) {
    expect([quiet.take(5), elsewhere.take(500)]).toEqual([true, true])
    await clock.advance(1000)
  }
  busy.pace.end()
})

// 150 links that stayed below their own part used up the rate of their network. Another one that had sent a burst waited
// for that rate for ever.
test('a crowd that sends little each does not stop a link that has sent a burst', async () => {
  const { clock, paces } = setUp(10_000)
  const crowd = Array.from({ length: 150 }, () => paces.of(OFFICE))
  const burst = paces.of(OFFICE)
  while (burst.take(20)) {}
  let isRead = false
  burst.wait(() => {
    isRead = true
  })
  for (let i = 0; i < 600 && !isRead; i++) {
    for (const link of crowd) link.take(1)
    await clock.advance(10)
  }
  expect(isRead).toBe(true)
})

test('a crowd at one address has no more for itself than half of the rate', async () => {
  const { clock, paces } = setUp(10_000)
  const crowd = Array.from({ length: 500 }, () => greedy(paces, OFFICE, 20))
  for (const { readOn } of crowd) readOn()
  const burst = crowd.reduce((sum, { read }) => sum + read, 0)
  await clock.advance(60_000)
  const costPerSecond = (crowd.reduce((sum, { read }) => sum + read, 0) - burst) * (20 / 60)
  expect(costPerSecond).toBeLessThan(15_500)
  for (const { pace } of crowd) pace.end()
  expect(clock.liveTimers).toBe(0)
})

test('a new link of the same network brings no rate of its own, but a little', () => {
  const { paces } = setUp()
  paces.of(OFFICE).take(5000)
  const next = paces.of(OFFICE)
  expect([next.take(20), next.take(20)]).toEqual([true, false])
})

// Links that only ping were counted too: on a server of 20,000 clients each had a hundredth of its part.
test('links that send next to nothing leave the others their part', async () => {
  const { clock, paces } = setUp(10_000)
  const crowd = Array.from({ length: 5000 }, (_, i) => paces.of(`network ${i % 2500}`))
  const busy = Array.from({ length: 30 }, (_, i) => greedy(paces, `192.0.2.${i}`, 100))
  for (const { readOn } of busy) readOn()
  const quiet = paces.of(HOME)
  for (let i = 0; i < 20; i++) {
    for (const link of crowd) expect(link.take(1)).toBe(true)
    expect([quiet.take(50), quiet.take(40)]).toEqual([true, true])
    await clock.advance(1000)
  }
  for (const { pace } of busy) pace.end()
})

test('links of this machine use up nothing of what all have together, and do not wait for it', async () => {
  const { clock, paces } = setUp()
  const crowd = Array.from({ length: 30 }, (_, i) => greedy(paces, `192.0.2.${i}`, 100))
  for (const { readOn } of crowd) readOn()
  const local = paces.of('127.0.0.1')
  expect([local.take(900), local.take(90)]).toEqual([true, true])
  for (const { pace } of crowd) pace.end()
  await clock.advance(60_000)
  for (let i = 0; i < 10; i++) paces.of('127.0.0.1').take(2000)
  expect(paces.of(OFFICE).take(900)).toBe(true)
})

test('links of this machine do not share a rate: a reverse proxy on it looks like one network', () => {
  const { paces } = setUp()
  for (const network of ['127.0.0.1', '127.0.0.1']) {
    const pace = paces.of(network)
    expect([pace.take(900), pace.take(200)]).toEqual([true, false])
  }
})

test('however many networks there have been, a debt is not forgotten', async () => {
  const { clock, paces } = setUp()
  paces.of(OFFICE).take(10_000)
  for (let i = 0; i < 5000; i++) paces.of(`network ${i}`).end()
  expect(paces.of(OFFICE).take(50)).toBe(false)
  await clock.advance(3000)
  expect(paces.of(OFFICE).take(50)).toBe(true)
})

// Thirty links that pinged from thirty addresses had thirty rates, and nobody else was served.
test('all networks together are read at four times the rate of one, and a quiet link waits for none of them', async () => {
  const { clock, paces } = setUp(10_000)
  const crowd = Array.from({ length: 30 }, (_, i) => greedy(paces, `192.0.2.${i}`, 100))
  for (const { readOn } of crowd) readOn()
  await clock.advance(10_000)
  const before = crowd.reduce((sum, { read }) => sum + read, 0)
  const quiet = paces.of(HOME)
  for (let i = 0; i < 60; i++) {
    expect(quiet.take(50)).toBe(true)
    await clock.advance(1000)
  }
  const costPerSecond = (crowd.reduce((sum, { read }) => sum + read, 0) - before) * (100 / 60)
  expect(costPerSecond).toBeGreaterThan(20_000)
  // Each has a hundredth for itself, which comes on top.
  expect(costPerSecond).toBeLessThan(50_000)
  for (const { pace } of crowd) pace.end()
  expect(clock.liveTimers).toBe(0)
})

test('a crowd at many addresses has no more for itself than half of what all have', async () => {
  const { clock, paces } = setUp(10_000)
  const crowd = Array.from({ length: 1500 }, (_, i) => greedy(paces, `192.0.2.${i % 30}`, 20))
  for (const { readOn } of crowd) readOn()
  await clock.advance(10_000)
  const before = crowd.reduce((sum, { read }) => sum + read, 0)
  await clock.advance(30_000)
  const costPerSecond = (crowd.reduce((sum, { read }) => sum + read, 0) - before) * (20 / 30)
  expect(costPerSecond).toBeLessThan(65_000)
  for (const { pace } of crowd) pace.end()
})
