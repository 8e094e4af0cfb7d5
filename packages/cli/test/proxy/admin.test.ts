import { expect, test } from 'vitest'
import { visit } from '../../../proxy-server/test/support/status/visit.js'
import { StallingClock } from '../../../runtime/test/support/stalling-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { ANSWER_MS } from '../../src/proxy/server/close-server.js'
import { client, metricsOf, startProxy } from './support/proxy.js'
import { RawHttp, refusal, silentWebSocket } from './support/raw-http.js'

test('/health is on both ports: 200, and 503 while draining, on connections old and new', async () => {
  const proxy = await startProxy()
  // It never answers the goodbye, so draining lasts as long as it is connected.
  const silent = await silentWebSocket(proxy.port)
  const ports = [proxy.port, proxy.adminPort]
  const asked = await Promise.all(ports.map((port) => RawHttp.open(port)))
  for (const connection of asked) expect(await connection.ask('/health?now')).toMatch(/^HTTP.1.1 200 .*"ok"/s)
  // Those of the public port carry one request each.
  const kept = [await RawHttp.open(proxy.port), asked[1] as RawHttp]
  const stopping = proxy.running.stop()
  const fresh = await Promise.all(ports.map((port) => RawHttp.open(port)))
  for (const connection of [...kept, ...fresh]) {
    expect(await connection.ask('/health')).toMatch(/^HTTP.1.1 503 .*connection: close.*"draining"/is)
  }
  silent.destroy()
  await stopping
})

/**
 * Closing a port cut off connections made a moment before. A load balancer that asked for /health just then saw a
 * reset connection, and took the server for broken instead of draining.
 */
test('a connection open when a port closes still gets an answer: 503', async () => {
  const proxy = await startProxy()
  const ports = [proxy.port, proxy.adminPort]
  const fresh = await Promise.all(ports.map((port) => RawHttp.open(port)))
  const kept = await Promise.all(ports.map((port) => RawHttp.open(port)))
  expect(await kept[1]?.ask('/health')).toMatch(/^HTTP.1.1 200 /)
  for (const connection of kept) connection.begin('/health')
  // Everything sent before has arrived once this is answered.
  for (const url of [proxy.http, proxy.admin]) expect((await fetch(`${url}/health`)).status).toBe(200)
  const stopping = proxy.running.stop()
  for (const [index, port] of ports.entries()) {
    await refusal(port)
    expect(await fresh[index]?.ask('/health')).toMatch(/^HTTP.1.1 503 .*"draining"/s)
    expect(await kept[index]?.finish()).toMatch(/^HTTP.1.1 503 .*"draining"/s)
  }
  await stopping
})

test('an idle connection delays closing only for a moment', async () => {
  const proxy = await startProxy({ adminPort: 'off' })
  const silent = await RawHttp.open(proxy.port)
  await fetch(`${proxy.http}/health`)
  const stopping = proxy.running.stop()
  await refusal(proxy.port)
  expect(silent.isOpen).toBe(true)
  await proxy.clock.advance(ANSWER_MS)
  await stopping
  await until('the end of the connection', () => !silent.isOpen)
})

test('metrics count clients, bytes and denials, and are not on the public port', async () => {
  const proxy = await startProxy({ graceMs: '0' })
  const swarm = client(proxy.ws)
  await until('a link', () => swarm.connected)
  const metrics = await metricsOf(proxy.admin)
  expect(metrics.get('swarmway_proxy_clients')).toBe(1)
  expect(metrics.get('swarmway_proxy_attached_clients')).toBe(1)
  expect(metrics.get('swarmway_proxy_sessions_opened_total')).toBe(1)
  expect(metrics.get('swarmway_proxy_received_bytes_total')).toBeGreaterThan(0)
  expect(metrics.get('swarmway_proxy_sent_bytes_total')).toBeGreaterThan(0)
  for (const name of ['topics', 'streams', 'buffered_bytes', 'max_clients', 'lookups_total'])
    expect(metrics.has(`swarmway_proxy_${name}`), name).toBe(true)
  expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(0)
  expect((await fetch(`${proxy.http}/metrics`)).status).toBe(426)
})

// A website can point a name of its own to 127.0.0.1, and so read the port in a visitor's browser.
test('an admin port for this machine only refuses requests by name', async () => {
  const [local, open] = [await startProxy({ status: true }), await startProxy({ adminHost: '0.0.0.0', status: true })]
  const statusOf = ({ admin }: { admin: string }, host: string, path: string) => {
    const { port } = new URL(admin)
    return visit(Number(port), path, { headers: { host } }).then(({ status }) => status)
  }
  for (const path of ['/metrics', '/health', '/', '/status.json']) {
    for (const host of ['rebound.evil.example', 'rebound.evil.example:80', '127.0.0.1.evil.example', 'localhost.evil'])
      expect(await statusOf(local, host, path), `${path} of ${host}`).toBe(403)
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:80']) expect(await statusOf(local, host, path)).toBe(200)
  }
  expect(await statusOf(open, 'prometheus.example', '/metrics')).toBe(200)
  // The page refuses names everywhere, because it has no token.
  for (const path of ['/', '/status.json']) expect(await statusOf(open, 'rebound.evil.example', path)).toBe(403)
})

test('a counter keeps its value when it is read again', async () => {
  const proxy = await startProxy()
  const swarm = client(proxy.ws)
  await until('a link', () => swarm.connected)
  await metricsOf(proxy.admin)
  expect((await metricsOf(proxy.admin)).get('swarmway_proxy_sessions_opened_total')).toBe(1)
})

test('the metrics are in the text format, with its content type', async () => {
  const { admin } = await startProxy()
  const response = await fetch(`${admin}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toMatch(/^# HELP \S+ .+\n# TYPE \S+ (counter|gauge)\n/)
})

test('--status shows the page at the root of the admin port, which otherwise says what is there', async () => {
  const [without, withPage] = [await startProxy(), await startProxy({ status: true })]
  const missing = await fetch(without.admin)
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('--status')])
  const page = await fetch(withPage.admin)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')])
  const report = (await (await fetch(`${withPage.admin}/status.json`)).json()) as { snapshot: { processes: number } }
  expect(report.snapshot.processes).toBe(1)
})

test('--admin-port off leaves the public port alone', async () => {
  const { http, running } = await startProxy({ adminPort: 'off' })
  expect(running.ports.adminPort).toBeNull()
  expect((await fetch(`${http}/health`)).status).toBe(200)
})

test('draining says goodbye to a live client, withdraws in time, and closes the ports', async () => {
  const proxy = await startProxy({ drainMs: '1000' })
  const swarm = client(proxy.ws)
  await until('a link', () => swarm.connected)
  await proxy.running.stop()
  await until('the goodbye', () => swarm.told.disconnected.length > 0)
  expect(swarm.told.disconnected[0]).toBe('SERVER_CLOSING')
  for (const url of [proxy.http, proxy.admin]) await expect(fetch(url)).rejects.toThrow()
})

/** A server that was late with everything was late with /health too, and the load balancer took it out of service. */
test('an overloaded server says so, denies newcomers, answers /health, and recovers', async () => {
  const clock = new StallingClock()
  const proxy = await startProxy({}, clock)
  const run = async (halfSeconds: number, stallMs: number) => {
    for (let i = 0; i < halfSeconds; i++) {
      clock.stall(stallMs)
      await clock.advance(500)
    }
  }
  const load = async () => {
    const metrics = await metricsOf(proxy.admin)
    const names = ['overloaded', 'event_loop_delay_ms', 'held_back', 'clients'] as const
    return names.map((name) => Math.round(metrics.get(`swarmway_proxy_${name}`) ?? -1))
  }
  const newcomer = client(proxy.ws, { reconnectMinMs: 600_000, reconnectMaxMs: 600_000 })
  await until('a link', () => newcomer.connected)
  expect(await load()).toEqual([0, 0, 0, 1])
  await run(40, 800)
  expect(await load()).toEqual([1, expect.any(Number), 0, 1])
  for (const url of [proxy.http, proxy.admin]) expect((await fetch(`${url}/health`)).status).toBe(200)
  const late = client(proxy.ws)
  await until('a denial', () => late.told.disconnected.length > 0)
  expect(late.told.disconnected[0]).toBe('LIMIT')
  expect((await metricsOf(proxy.admin)).get('swarmway_proxy_limit_hits_total{limit="maxEventLoopDelayMs"}')).toBe(1)
  await run(40, 0)
  await until('the newcomer', () => late.connected)
  expect((await load())[0]).toBe(0)
})
