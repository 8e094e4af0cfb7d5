import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { Client } from '../../../src/client/client.js'
import { type Announcer, Newcomers, REPORT_INTERVAL_MS } from '../../../src/rendezvous/newcomers.js'

function setUp() {
  const clock = new FakeClock()
  const present = new Map<string, Announcer>()
  const reports: string[][] = []
  const newcomers = new Newcomers(
    clock,
    (one) => present.get(one.name) === one,
    (due) => reports.push(due.map(({ name }) => name))
  )
  const clients = [{}, {}] as unknown as [Client, Client]
  const announce = (name: string, client: Client = clients[0]) => {
    const announcer = { client, name, publicKey: new Uint8Array(32) }
    present.set(name, announcer)
    newcomers.add(announcer)
  }
  return { announce, clients, clock, newcomers, present, reports, withdraw: (name: string) => present.delete(name) }
}

test('newcomers of one turn are reported together, and at once', async () => {
  const { announce, clients, clock, reports } = setUp()
  announce('a')
  announce('b', clients[1])
  await clock.advance(0)
  expect(reports).toEqual([['a', 'b']])
})

// A key that came and went cost a message to every watcher each time, and so 134 times what its client sent.
test('a key that comes and goes is reported once in an interval, if it is there then', async () => {
  const { announce, clock, reports, withdraw } = setUp()
  for (let i = 0; i < 1000; i++) {
    announce('a')
    await clock.advance(1)
    withdraw('a')
  }
  expect(reports).toEqual([['a']])
  await clock.advance(2 * REPORT_INTERVAL_MS)
  expect(reports).toEqual([['a']])
  announce('a')
  withdraw('a')
  announce('a')
  await clock.advance(2 * REPORT_INTERVAL_MS)
  expect(reports).toEqual([['a'], ['a']])
})

test('a key that comes back while others do not want to hear of it again is reported later', async () => {
  const { announce, clock, reports, withdraw } = setUp()
  announce('a')
  await clock.advance(10)
  withdraw('a')
  announce('a')
  await clock.advance(10)
  expect(reports).toEqual([['a']])
  await clock.advance(2 * REPORT_INTERVAL_MS)
  expect(reports).toEqual([['a'], ['a']])
})

test('a client with ever new keys is reported with a limited number of them; others are not delayed', async () => {
  const { announce, clients, clock, reports, withdraw } = setUp()
  for (let i = 0; i < 1000; i++) {
    announce(`key ${i}`)
    await clock.advance(1)
    withdraw(`key ${i}`)
  }
  expect(reports.flat().length).toBe(64)
  announce('honest', clients[1])
  await clock.advance(0)
  expect(reports.at(-1)).toEqual(['honest'])
})

test('when all is reported, nothing is left running', async () => {
  const { announce, clock, newcomers } = setUp()
  announce('a')
  await clock.advance(3 * REPORT_INTERVAL_MS)
  expect(clock.liveTimers).toBe(0)
  announce('a')
  newcomers.destroy()
  expect(clock.liveTimers).toBe(0)
})
