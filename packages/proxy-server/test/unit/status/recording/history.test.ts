import { monotonicMs } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { combineSnapshots, type Snapshot } from '../../../../src/status/index.js'
import { History } from '../../../../src/status/recording/history.js'
import { figures } from '../../../support/status/figures.js'

/** Both clocks show the same time. */
function add(history: History, ms: number, snapshot: Snapshot): void {
  history.add({ at: ms, takenAt: monotonicMs(ms), snapshot })
}

test('totals become rates and counts between two snapshots', () => {
  const history = new History(10)
  add(history, 1000, figures({ bytesIn: 100, bytesOut: 7, refusals: { maxClients: 1 }, resets: { LIMIT: 5 } }))
  expect(history.after(0)).toEqual([])
  add(
    history,
    3000,
    figures({ bytesIn: 1100, bytesOut: 7, refusals: { maxClients: 4, OTHER: 2 }, resets: { LIMIT: 5 } })
  )
  expect(history.after(0)).toMatchObject([{ at: 3000, inPerSecond: 500, outPerSecond: 0, refusals: 5, resets: 0 }])
})

test('the last minute contains only its own counts, and nothing older', () => {
  const history = new History(100)
  for (let second = 0; second <= 200; second += 10)
    add(history, second * 1000 + 1, figures({ refusals: { early: Math.min(second, 100), now: second } }))
  expect(history.lastMinute()).toEqual({ refusals: { now: 60 }, resets: {} })
})

test('the number of points is bounded', () => {
  const history = new History(3)
  for (let at = 1; at < 100; at++) add(history, at, figures())
  expect(history.after(0).map((point) => point.at)).toEqual([97, 98, 99])
})

test('when the time of day is set back, the plots start over and the last minute stays', () => {
  const history = new History(10)
  const dates = [500_000, 501_000, 1000, 2000]
  for (const [second, at] of dates.entries())
    history.add({ at, takenAt: monotonicMs(second * 1000), snapshot: figures({ refusals: { LIMIT: second } }) })
  expect(history.after(0).map((point) => point.at)).toEqual([1000, 2000])
  expect(history.lastMinute().refusals).toEqual({ LIMIT: 3 })
})

test.each([-86_400_000, -60_000, 60_000, 86_400_000])('rates ignore a jump of the time of day by %i ms', (jumpMs) => {
  const history = new History(10)
  const began = Date.now()
  history.add({ at: began, takenAt: monotonicMs(0), snapshot: figures({ bytesIn: 0 }) })
  history.add({ at: began + jumpMs + 1000, takenAt: monotonicMs(1000), snapshot: figures({ bytesIn: 500 }) })
  expect(history.after(0)).toMatchObject([{ at: began + jumpMs + 1000, inPerSecond: 500 }])
})

test('totals of a worker that has ended are not subtracted', () => {
  const history = new History(10)
  const worker = figures({ bytesIn: 5000, refusals: { LIMIT: 50 } })
  add(history, 1000, combineSnapshots([worker, worker]))
  add(history, 2000, combineSnapshots([worker]))
  expect(history.after(0)).toMatchObject([{ inPerSecond: 0, refusals: 0, clients: 10 }])
})

test('the figures of several processes are added up', () => {
  const a = figures({ startedAt: 5, clients: 1, loopDelayMs: 9, memoryBytes: 70, refusals: { LIMIT: 1, OTHER: 2 } })
  const b = figures({
    startedAt: 3,
    clients: 2,
    loopDelayMs: 4,
    memoryBytes: 70,
    refusals: { LIMIT: 10 },
    dhtWaiting: 2
  })
  const sum = combineSnapshots([a, b, { ...b, dht: { nodes: 1, online: 0, firewalled: 1 } }])
  expect(sum).toMatchObject({
    startedAt: 3,
    processes: 3,
    clients: 5,
    maxClients: 300,
    loopDelayMs: 9,
    memoryBytes: 70,
    refusals: { LIMIT: 21, OTHER: 2 },
    dht: { nodes: 3, online: 2, firewalled: 1 },
    dhtWaiting: 4
  })
  expect(combineSnapshots([a])).toEqual(a)
  expect(() => combineSnapshots([])).toThrow('at least one snapshot')
})
