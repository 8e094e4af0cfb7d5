import { expect, onTestFinished, test } from 'vitest'
import type { FleetServerStats, FleetStats } from '../../../../src/index.js'
import { combineSnapshots, type FleetSnapshot, serverSource } from '../../../../src/status/index.js'
import { judge } from '../../../../src/status/recording/health.js'
import { rendezvousServer } from '../../../support/servers.js'

function there(name: string, more: Partial<FleetServerStats> = {}): FleetServerStats {
  const about = { url: '', clients: 1, maxClients: 1000, isDraining: false, link: 'none', silentMs: 2000 } as const
  return { id: `id of ${name}`, name, ...about, ...more }
}

/** The figures of a server of this name that sees these. */
function snapshotOf(name: string, servers: readonly FleetServerStats[], brokerOnline = 1) {
  const counts = { brokerOnline, linksOut: 2, linksIn: 1, dialled: 9, accepted: 9 }
  const fleet: FleetStats = { name, id: `id of ${name}`, isDraining: false, servers, ...counts }
  const { limits, stats } = rendezvousServer()
  const source = serverSource({ dht: null, limits, stats: { ...stats, fleet } })
  onTestFinished(() => source.destroy())
  return source.snapshot()
}

const names = (fleet: FleetSnapshot | undefined) => fleet?.list.map(({ name }) => name)

test('the sums: other servers, their clients, links, and whether the broker answers', () => {
  const snapshot = snapshotOf('a', [there('b', { clients: 7 }), there('c', { clients: 5 })])
  expect(snapshot.fleet).toMatchObject({ processes: 1, online: 1, servers: 2, clients: 12, links: 3 })
  const offline = snapshotOf('b', [there('a'), there('c', { clients: 4 })], 0)
  const both = { processes: 2, online: 1, servers: 2, clients: 12, links: 6 }
  expect(combineSnapshots([snapshot, offline]).fleet).toMatchObject(both)
  const health = judge({ snapshot: offline, refusals: {}, resets: {}, points: [] })
  expect(health.lines.map(({ text }) => text)).toContainEqual(expect.stringContaining('Broker of the fleet offline'))
})

test('the list has this server too, by name, in the order in which people count', () => {
  const { fleet } = snapshotOf('s2', [there('s10'), there('s1', { link: 'failed' }), there('t')])
  expect(names(fleet)).toEqual(['s1', 's2', 's10', 't'])
  expect(fleet?.list[1]).toEqual({
    id: 'id of s2',
    name: 's2',
    clients: 0,
    isDraining: false,
    link: 'own',
    silentMs: 0
  })
  expect(fleet?.list[0]).toMatchObject({ clients: 1, link: 'failed', silentMs: 2000 })
})

test('of many servers 50 are listed, also by several processes', () => {
  const many = Array.from({ length: 200 }, (_, index) => there(`s${index}`))
  const [a, b] = [snapshotOf('a', many), snapshotOf('b', many)]
  const first = ['a', ...Array.from({ length: 49 }, (_, index) => `s${index}`)]
  expect(names(a.fleet)).toEqual(first)
  expect(names(combineSnapshots([a, b]).fleet)).toEqual(['a', 'b', ...first.slice(1, 49)])
})

// The processes of one machine are servers of the fleet to each other.
test('several processes list each server once, with what is known best', () => {
  const a = snapshotOf('a', [there('b'), there('c', { link: 'open', clients: 3, silentMs: 4000 })])
  const b = snapshotOf('b', [there('a'), there('c', { link: 'none', clients: 8, silentMs: 100 })])
  for (const { fleet } of [combineSnapshots([a, b]), combineSnapshots([b, a])]) {
    expect(fleet?.list.map(({ clients, link, name }) => [name, clients, link])).toEqual([
      ['a', 0, 'own'],
      ['b', 0, 'own'],
      ['c', 8, 'open']
    ])
  }
})

test('two servers with one name are two lines', () => {
  const { fleet } = snapshotOf('a', [there('b'), there('b', { id: 'another' })])
  expect(names(fleet)).toEqual(['a', 'b', 'b'])
})
