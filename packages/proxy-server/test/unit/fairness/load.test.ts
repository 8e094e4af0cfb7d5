import { expect, test } from 'vitest'
import { StallingClock } from '../../../../runtime/test/support/stalling-clock.js'
import { turns } from '../../../../runtime/test/support/until.js'
import { createAbort } from '../../../src/client/abort.js'
import { Load } from '../../../src/fairness/load.js'
import { Counters } from '../../../src/stats/counters.js'

const never = createAbort().signal

function create(maxDelayMs = 250) {
  const clock = new StallingClock()
  const counters = new Counters()
  const load = new Load({ clock, counters, maxDelayMs })
  /** Half seconds in each of which the loop stands still for so long. */
  const run = async (halfSeconds: number, stallMs: number) => {
    for (let i = 0; i < halfSeconds; i++) {
      clock.stall(stallMs)
      await clock.advance(500)
    }
  }
  return { clock, counters, load, run }
}

test('one slow moment changes nothing, several seconds of delay do', async () => {
  const { load, run } = create()
  await run(1, 60_000)
  expect(load.isHigh).toBe(false)
  await run(30, 0)
  await run(16, 400)
  expect(load.isHigh).toBe(true)
})

test('a delay below the limit is normal, for however long', async () => {
  const { load, run } = create()
  await run(200, 240)
  expect(load.isHigh).toBe(false)
  expect(load.delayMs).toBeCloseTo(240, 0)
})

test('the load is normal again at half the limit, and not before', async () => {
  const { load, run } = create()
  await run(30, 400)
  await run(30, 150)
  expect(load.isHigh).toBe(true)
  await run(30, 100)
  expect(load.isHigh).toBe(false)
})

test('after the worst stall it is normal again within ten seconds', async () => {
  const { load, run } = create()
  await run(30, 60_000)
  expect(load.isHigh).toBe(true)
  await run(20, 0)
  expect(load.isHigh).toBe(false)
})

test('the limit is an option', async () => {
  const { load, run } = create(1000)
  await run(30, 400)
  expect(load.isHigh).toBe(false)
})

test('newcomers are refused while it is high, and counted', async () => {
  const { counters, load, run } = create()
  load.assertNormal()
  await run(30, 400)
  expect(() => load.assertNormal()).toThrow('overloaded')
  expect(counters.limitHits).toEqual({ maxEventLoopDelayMs: 1 })
})

test('work begins at once under normal load, a little at a time under high load, and at once when that ends', async () => {
  const { load, run } = create()
  const client = { network: 'a' }
  await load.relief(client, never)
  await run(30, 400)
  const begun: number[] = []
  for (let i = 0; i < 20; i++) void load.relief(client, never).then(() => begun.push(i))
  await turns(2)
  expect(begun).toEqual([])
  await run(3, 400)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5])
  await run(30, 0)
  expect(begun).toHaveLength(20)
})

test('destroy ends every wait', async () => {
  const { clock, load, run } = create()
  await run(30, 400)
  const waiting = load.relief({ network: 'a' }, never)
  load.destroy()
  await waiting
  expect(clock.liveTimers).toBe(0)
})

test('the few turns under high load go round by network, then by client', async () => {
  // They went to who came first: 64 dials of one client made everybody else's queries wait for 16 seconds.
  const { load, run } = create()
  await run(30, 400)
  const begun: string[] = []
  const wait = (owner: { network: string }, name: string) => load.relief(owner, signal).then(() => begun.push(name))
  const { signal } = createAbort()
  const [busy, other, stranger] = [{ network: 'a' }, { network: 'a' }, { network: 'b' }]
  for (let i = 0; i < 64; i++) void wait(busy, 'busy')
  void wait(other, 'other')
  void wait(stranger, 'stranger')
  await run(2, 400)
  expect(begun).toHaveLength(4)
  expect(begun).toEqual(expect.arrayContaining(['other', 'stranger']))
  load.destroy()
})

test('a client that leaves takes no turn, and one that has left before does not wait', async () => {
  const { load, run } = create()
  await run(30, 400)
  const controller = createAbort()
  const left = [1, 2, 3].map(() => load.relief({ network: 'a' }, controller.signal))
  const begun: string[] = []
  void load.relief({ network: 'b' }, never).then(() => begun.push('stayed'))
  controller.abort()
  await Promise.all(left)
  await load.relief({ network: 'a' }, controller.signal)
  await run(1, 400)
  expect(begun).toEqual(['stayed'])
  load.destroy()
})
