import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { ProxyServer } from '../../../src/index.js'
import { type Report, statusPage } from '../../../src/status/index.js'
import { rendezvousServer } from '../../support/servers.js'
import { figures } from '../../support/status/figures.js'
import { servePage } from '../../support/status/visit.js'

test('the page and everything it loads come from below its path, with headers that block anything else', async () => {
  const { visit } = await servePage()
  const page = await visit('/')
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  const scripts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => String(address))
  expect(scripts).toEqual(['icon.svg', 'uplot.css', 'style.css', 'uplot.js', 'main.js', 'status.json'])
  for (const address of scripts) {
    const { headers, status } = await visit(`/${address}`)
    expect([address, status]).toEqual([address, 200])
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin'
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  }
  expect(page.body).not.toMatch(/https?:|<script>|<style>| style=| on\w+=/)
})

test('every script that another one imports is served', async () => {
  const { visit } = await servePage()
  const seen = new Set(['main.js'])
  for (const name of seen) {
    const { body, status } = await visit(`/${name}`)
    expect([name, status]).toEqual([name, 200])
    for (const [, imported] of body.matchAll(/from '\.\/([^']+)'/g)) seen.add(String(imported))
  }
  expect(seen.size).toBeGreaterThan(5)
})

test('requests for other paths are left to the application', async () => {
  const { visit } = await servePage({ path: '/status' })
  for (const path of ['/', '/favicon.ico', '/statusx', '/status/nope', '/status//', '/status.json', '*', '/main.js'])
    expect([path, (await visit(path)).status]).toEqual([path, 418])
})

test('below a path, all addresses are relative, because a reverse proxy may have moved the page', async () => {
  const { visit } = await servePage({ path: '/deep/status/' })
  expect(await visit('/deep/status?token=x')).toMatchObject({ status: 308, headers: { location: 'status/?token=x' } })
  expect((await visit('/deep/status/')).status).toBe(200)
  expect((await visit('/deep/status/status.json')).status).toBe(200)
})

test('other methods are refused, and the answer names the allowed one', async () => {
  const { visit } = await servePage()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
    expect(await visit('/', { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  expect(await visit('/login')).toMatchObject({ status: 405, headers: { allow: 'POST' } })
})

// Monitors often ask with HEAD, and took 405 for a fault.
test('HEAD is answered as GET is, without a body', async () => {
  const { visit } = await servePage()
  for (const path of ['/', '/status.json', '/main.js']) {
    const [head, get] = [await visit(path, { method: 'HEAD' }), await visit(path)]
    expect([path, head.status, head.headers['content-type']]).toEqual([path, 200, get.headers['content-type']])
    expect(head.body).toBe('')
  }
  expect((await visit('/login', { method: 'HEAD' })).status).toBe(405)
})

test('hostile requests do no harm', async () => {
  const { visit } = await servePage()
  const paths = ['/../package.json', '/%2e%2e/package.json', '/page/main.js', '/..%5cx', '/__proto__', '/constructor']
  for (const path of paths) expect([path, (await visit(path)).status]).toEqual([path, 418])
  for (const search of ['?after=NaN', '?after=1e999', '?after=-1', '?after[]=1', '?after=%00', '?', '?after=1?after=2'])
    expect([search, (await visit(`/status.json${search}`)).status]).toEqual([search, 200])
  const odd = await visit('/', { headers: { cookie: '='.repeat(8000), authorization: 'Bearer' } })
  expect(odd.status).toBe(200)
})

test('a report has the figures, the state and the points that the page lacks', async () => {
  const clock = new FakeClock()
  clock.setDate(0)
  await clock.advance(5000)
  let bytesIn = 0
  const { visit } = await servePage({ clock, wallClock: clock.wall, intervalMs: 1000, historyMs: 3000 }, () => {
    bytesIn += 500
    return figures({ bytesIn, dht: { nodes: 1, online: 0, firewalled: 1 } })
  })
  const report = async (after: number) => JSON.parse((await visit(`/status.json?after=${after}`)).body) as Report
  await clock.advance(1000)
  const first = await report(0)
  expect(first).toMatchObject({ now: 6000, intervalMs: 1000, historyMs: 3000, snapshot: { topics: 3 } })
  expect(first.health?.lines).toEqual([{ level: 'alarm', text: 'DHT offline: clients find only peers on this server' }])
  expect(first.points).toMatchObject([{ at: 6000, inPerSecond: 500, clients: 10 }])
  await clock.advance(2000)
  expect((await report(7000)).points).toMatchObject([{ at: 8000 }])
  expect((await report(8000)).points).toEqual([])
  // A page with points from the future gets all points, because the clock was set back.
  expect((await report(99_999)).points).toMatchObject([{ at: 6000 }, { at: 7000 }, { at: 8000 }])
  await clock.advance(10_000)
  expect((await report(0)).points).toHaveLength(3)
})

test('before the first figures, a report says that none exist', async () => {
  const { visit } = await servePage({}, () => {
    throw new Error('not yet')
  })
  const report = JSON.parse((await visit('/status.json')).body)
  expect(report).toMatchObject({ health: null, snapshot: null, points: [], lastMinute: { refusals: {}, resets: {} } })
})

test('after destroy nothing is requested, nothing is answered, and no timer is left', async () => {
  const clock = new FakeClock()
  let asked = 0
  const { page, visit } = await servePage({ clock, intervalMs: 1000 }, () => {
    asked++
    return figures()
  })
  await clock.advance(1000)
  expect([asked, clock.liveTimers]).toEqual([2, 1])
  page.destroy()
  page.destroy()
  await clock.advance(10_000)
  expect([asked, clock.liveTimers]).toEqual([2, 0])
  expect((await visit('/')).status).toBe(418)
})

test('the server outlives its page', async () => {
  const server = rendezvousServer()
  const page = statusPage(server)
  page.destroy()
  expect(server.destroyed).toBe(false)
})

test.each([
  [{ token: 'short' }, 'token must be a string of at least 16 characters'],
  [{ token: 5 as unknown as string }, 'token must be'],
  [{ token: process.env['NOT_SET'] as string }, 'token must be'],
  [{ path: 'status' }, 'path must begin with a slash'],
  [{ path: '/a b' }, 'path must begin with a slash'],
  [{ intervalMs: 10 }, 'intervalMs must be a number of milliseconds from 250'],
  [{ historyMs: 1000 }, 'historyMs must be a number of milliseconds from 2000'],
  [{ historyMs: 1e9 }, 'historyMs must be'],
  [{ historyMs: Number.NaN }, 'historyMs must be']
])('%o is refused', (options, message) => {
  const server = new ProxyServer({ dht: null })
  expect(() => statusPage(server, options)).toThrow(message)
})
