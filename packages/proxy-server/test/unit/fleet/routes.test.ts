import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { FleetServer } from '../../../src/fleet/presence/presence.js'
import { Routes } from '../../../src/fleet/routes.js'
import { fleetServer as server } from '../../support/fleet-server.js'

const KEY = randomBytes(32)

function routesTo(...servers: FleetServer[]) {
  const clock = new FakeClock()
  const routes = new Routes(clock, new Map(servers.map((one) => [one.id, one])))
  for (const one of servers) routes.add(KEY, one)
  return { clock, routes }
}

// A key at a server that could not be reached was dialled through that server for ever, and never through the DHT.
test('a server that does not answer is left out for a minute where there is another way', async () => {
  const [a, b] = [server('a', '127.0.0.1:1'), server('b', '127.0.0.1:2')]
  const { clock, routes } = routesTo(a, b)
  routes.failed(KEY, a, true)
  routes.failed(KEY, b)
  expect(routes.to(KEY, false)).toEqual([b])
  expect(routes.to(KEY)).toEqual([b, a])
  await clock.advance(60_000)
  expect(routes.to(KEY, false)).toEqual([b, a])
})

test('a server that takes no links is left out', () => {
  const { routes } = routesTo(server('a', ''))
  expect(routes.to(KEY)).toEqual([])
})

// Made-up servers that claimed a key displaced the one that had it, over and over.
test('of five servers that claim a key, one that led nowhere is forgotten', () => {
  const servers = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => server(id, `127.0.0.1:${i + 1}`))
  const [, , c, , e, f] = servers as [FleetServer, FleetServer, FleetServer, FleetServer, FleetServer, FleetServer]
  const routes = new Routes(new FakeClock(), new Map(servers.map((one) => [one.id, one])))
  for (const one of servers.slice(0, 4)) routes.add(KEY, one)
  routes.failed(KEY, c)
  routes.add(KEY, e)
  expect(routes.to(KEY).map(({ id }) => id)).toEqual(['e', 'd', 'b', 'a'])
  routes.add(KEY, f)
  expect(routes.to(KEY).map(({ id }) => id)).toEqual(['f', 'e', 'd', 'b'])
})
