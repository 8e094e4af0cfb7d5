import { ProxyServer, type ServerStats } from '@swarmway/proxy-server'
import { AggregatorRegistry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createMetrics } from '../../src/proxy/server/metrics.js'

/** The metrics of a worker whose stats differ from those of a new server. */
async function valuesOf(given: Partial<ServerStats>[]): Promise<Map<string, number>> {
  const server = new ProxyServer({ dht: null })
  onTestFinished(() => server.destroy())
  const workers = given.map((stats) => createMetrics(() => ({ ...server.stats, ...stats }), server.limits))
  const all = await Promise.all(workers.map((worker) => worker.getMetricsAsJSON()))
  const text = await AggregatorRegistry.aggregate(all).metrics()
  const lines = text.split('\n').filter((line) => line.startsWith('swarmway_proxy_'))
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
}

const BUSY = {
  eventLoopDelayMs: 700,
  isOverloaded: true,
  heldBack: 3,
  queriesRunning: 5,
  queriesWaiting: 40,
  dialRequestsRunning: 24,
  dialRequestsWaiting: 99
}

test('what is in progress and what waits is in the metrics', async () => {
  const values = await valuesOf([BUSY])
  expect(values.get('swarmway_proxy_event_loop_delay_ms')).toBe(700)
  expect(values.get('swarmway_proxy_overloaded')).toBe(1)
  expect(values.get('swarmway_proxy_held_back')).toBe(3)
  expect(values.get('swarmway_proxy_dht_queries_running')).toBe(5)
  expect(values.get('swarmway_proxy_dht_queries_waiting')).toBe(40)
  expect(values.get('swarmway_proxy_dial_requests_running')).toBe(24)
  expect(values.get('swarmway_proxy_dial_requests_waiting')).toBe(99)
})

test('of several workers, counts are added up, and the slowest tells the delay', async () => {
  // Delays were added up: four workers that were a little late looked like one overloaded server.
  const values = await valuesOf([BUSY, { ...BUSY, eventLoopDelayMs: 300 }, { heldBack: 1 }])
  expect(values.get('swarmway_proxy_event_loop_delay_ms')).toBe(700)
  expect(values.get('swarmway_proxy_overloaded')).toBe(1)
  expect(values.get('swarmway_proxy_held_back')).toBe(7)
  expect(values.get('swarmway_proxy_dht_queries_waiting')).toBe(80)
})
