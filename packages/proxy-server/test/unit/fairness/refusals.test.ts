import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Refusals } from '../../../src/fairness/refusals.js'

function setUp(max: number) {
  const clock = new FakeClock()
  const refusals = new Refusals(max, clock)
  const ends: string[] = []
  const add = (network: string, count: number) => {
    for (let i = 0; i < count; i++)
      refusals.add(network, { answer: () => ends.push('answered'), drop: () => ends.push('dropped') })
  }
  const counts = () => ['answered', 'dropped'].map((end) => ends.filter((one) => one === end).length)
  return { add, clock, counts, refusals }
}

test('fifty of a network are answered at once, some a second later, and the rest not at all', async () => {
  const { add, clock, counts, refusals } = setUp(10)
  add('192.0.2.1', 65)
  expect([counts(), refusals.size]).toEqual([[50, 5], 10])
  add('198.51.100.1', 1)
  expect(counts()).toEqual([51, 5])
  await clock.advance(1000)
  expect([counts(), refusals.size, clock.liveTimers]).toEqual([[61, 5], 0, 0])
})

test('those of this machine are answered at once: they may be anybody behind a reverse proxy', () => {
  const { add, counts } = setUp(10)
  add('127.0.0.1', 1000)
  expect(counts()).toEqual([1000, 0])
})

test('at the end, all are answered', () => {
  const { add, clock, counts, refusals } = setUp(10)
  add('192.0.2.1', 55)
  refusals.destroy()
  expect([counts(), clock.liveTimers]).toEqual([[55, 0], 0])
})

test('after the end too, at once', () => {
  const { add, clock, counts, refusals } = setUp(10)
  refusals.destroy()
  add('192.0.2.1', 55)
  expect([counts(), clock.liveTimers]).toEqual([[55, 0], 0])
})

// One network that was refused more and more held all places, and others were cut off without a reason.
test('if too many wait, those of the network with the most give way', async () => {
  const { add, clock, counts, refusals } = setUp(10)
  add('192.0.2.1', 60)
  add('198.51.100.1', 53)
  expect([counts(), refusals.size]).toEqual([[100, 3], 10])
  await clock.advance(1000)
  expect(counts()).toEqual([110, 3])
})
