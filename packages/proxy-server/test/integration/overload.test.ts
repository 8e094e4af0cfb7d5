import { createKeyPair } from '@swarmway/swarm/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { StallingClock } from '../../../runtime/test/support/stalling-clock.js'
import { traced } from '../../../runtime/test/support/traced.js'
import { until } from '../../../runtime/test/support/until.js'
import { serverSource } from '../../src/status/figures/server-source.js'
import { makeServer, rendezvousServer } from '../support/servers.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'
import { testnet } from '../support/testnet.js'

async function run(clock: StallingClock, halfSeconds: number, stallMs: number): Promise<void> {
  for (let i = 0; i < halfSeconds; i++) {
    clock.stall(stallMs)
    await clock.advance(500)
  }
}

/** An overloaded server took everybody who came, until it served nobody in time. */
test('an overloaded server denies newcomers, serves and resumes its clients, and recovers', async () => {
  const clock = new StallingClock()
  const server = rendezvousServer({ clock, limits: { maxEventLoopDelayMs: 200 } })
  const codes: string[] = []
  server.on('denied', (error) => codes.push(`${error.code}: ${error.message}`))
  const trace = traced()
  const client = await TestClient.connect(server)
  await run(clock, 20, 300)
  expect(server.stats.isOverloaded).toBe(true)
  expect(server.stats.eventLoopDelayMs).toBeGreaterThan(200)
  expect(await codeOf(TestClient.connect(server))).toBe('LIMIT')
  expect(codes).toEqual(['LIMIT: the server is overloaded and takes no new clients until it has caught up'])
  expect(server.stats.limitHits).toEqual({ maxEventLoopDelayMs: 1 })
  expect(await client.lookup(topicOf(1))).toEqual([])
  client.cut()
  await until(() => server.stats.attached === 0)
  expect(await client.resume(server)).toMatchObject({ resumed: true })
  await run(clock, 30, 0)
  expect(server.stats.isOverloaded).toBe(false)
  await TestClient.connect(server)
  expect(trace.named('server', 'load-high')).toHaveLength(1)
  expect(trace.named('server', 'load-normal')).toHaveLength(1)
})

test('dials and lookups in the DHT begin a few at a time while the server is overloaded', async () => {
  const clock = new StallingClock()
  const dht = (await testnet()).node()
  const server = makeServer({ dht, clock, limits: { pingIntervalMs: 600_000 } })
  const client = await TestClient.connect(server)
  const [connect, lookup] = [vi.spyOn(dht, 'connect'), vi.spyOn(dht, 'lookup')]
  await run(clock, 30, 800)
  const dials = Array.from({ length: 5 }, () => codeOf(client.dial(createKeyPair().publicKey)))
  await until(() => server.clients.values().next().value?.stats.dials === 5)
  client.cancelLastDial()
  expect(await dials.pop()).toBe('ABORTED')
  const found = codeOf(client.lookup(topicOf(1)))
  await until(() => server.stats.queriesRunning === 1)
  expect([connect.mock.calls.length, lookup.mock.calls.length]).toEqual([0, 0])
  expect(server.stats.heldBack).toBe(5)
  const source = serverSource(server)
  onTestFinished(() => source.destroy())
  expect(source.snapshot().dhtWaiting).toBe(5)
  await run(clock, 1, 800)
  expect(connect.mock.calls.length).toBe(2)
  await run(clock, 2, 800)
  await until(() => lookup.mock.calls.length === 1)
  expect(connect.mock.calls.length).toBe(4)
  client.session.destroy()
  await Promise.all([found, ...dials])
})
