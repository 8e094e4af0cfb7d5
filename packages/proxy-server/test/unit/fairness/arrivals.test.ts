import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { Arrivals } from '../../../src/fairness/arrivals.js'

function setUp(perSecond: number) {
  const clock = new FakeClock()
  const arrivals = new Arrivals(perSecond, clock)
  const begun: string[] = []
  const add = (name: string, network = '192.0.2.1') => {
    const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    arrivals.add(network, socket, () => begun.push(name))
    return socket
  }
  return { add, arrivals, begun, clock }
}

test('those beyond the rate of their network wait for it; other networks, and this machine, do not', async () => {
  const { add, arrivals, begun, clock } = setUp(2)
  for (const name of ['a', 'b', 'c', 'd']) add(name)
  add('other', '198.51.100.1')
  for (const name of ['x', 'y', 'z']) add(name, '127.0.0.1')
  await until('another network to be let in', () => begun.includes('other'))
  expect([[...begun].sort(), arrivals.size]).toEqual([['a', 'b', 'other', 'x', 'y', 'z'], 2])
  await clock.advanceUntil(() => arrivals.size === 0)
  expect([...begun].sort()).toEqual(['a', 'b', 'c', 'd', 'other', 'x', 'y', 'z'])
})

test('one that ends, breaks or is destroyed while it waits leaves its place, and is never let in', async () => {
  const { add, arrivals, begun, clock } = setUp(1)
  const [, ended, broken, destroyed] = ['first', 'ended', 'broken', 'destroyed'].map((name) => add(name))
  ended?.push(null)
  ended?.read(0)
  broken?.destroy(new Error('reset'))
  destroyed?.destroy()
  await clock.advanceUntil(() => arrivals.size === 0)
  add('last')
  await clock.advanceUntil(() => begun.includes('last'))
  expect(begun).toEqual(['first', 'last'])
  expect(ended?.destroyed).toBe(true)
})

test('at the end, those that wait are closed', async () => {
  const { add, arrivals, begun, clock } = setUp(1)
  add('first')
  const second = add('second')
  arrivals.destroy()
  expect(second.destroyed).toBe(true)
  await clock.advanceUntil(() => arrivals.size === 0)
  expect(begun).toEqual(['first'])
})
