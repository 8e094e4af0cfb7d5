import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../../../runtime/test/support/random.js'
import type { Connect, ServerOrder } from '../../../../src/index.js'
import { ServerChoice } from '../../../../src/uplink/tries/server-choice.js'

const servers = (count: number): Connect[] => Array.from({ length: count }, () => () => Promise.reject())

function choice(connects: readonly Connect[], serverOrder: ServerOrder = 'listed', random = () => 0) {
  const clock = new FakeClock()
  return { clock, choice: new ServerChoice({ connects, serverOrder, clock, random }) }
}

/** Tries and fails this often, and gives the places of the servers in the list. */
function failing(chosen: ServerChoice, connects: readonly Connect[], times: number, holder: Connect | null = null) {
  return Array.from({ length: times }, () => {
    const connect = chosen.next(holder)?.connect
    if (connect === undefined) throw new Error('no server is left')
    chosen.tried(connect)
    chosen.failed(connect, { isFinal: false })
    return connects.indexOf(connect)
  })
}

test('servers are tried in turn', () => {
  const connects = servers(3)
  expect(failing(choice(connects).choice, connects, 7)).toEqual([0, 1, 2, 0, 1, 2, 0])
})

test('the server that holds the session is tried first, and then every other time', () => {
  const connects = servers(3)
  expect(failing(choice(connects).choice, connects, 7, connects[1])).toEqual([1, 0, 1, 2, 1, 0, 1])
  const [only] = servers(1)
  expect(failing(choice([only as Connect]).choice, [only as Connect], 3, only)).toEqual([0, 0, 0])
})

// Every client of a dead server went to the next one in the list.
test('300 clients of a server that died spread over the others evenly', () => {
  const connects = servers(4)
  const seeded = randomFrom(7)
  const random = () => seeded(1_000_000) / 1_000_000
  const [first, second] = [
    [0, 0, 0, 0],
    [0, 0, 0, 0]
  ]
  for (let client = 0; client < 1200; client++) {
    const { choice: chosen } = choice(connects, 'shuffle', random)
    const [before = 0] = failing(chosen, connects, 1)
    first[before] = (first[before] ?? 0) + 1
    if (before !== 0) continue
    const [after = 0] = failing(chosen, connects, 1)
    second[after] = (second[after] ?? 0) + 1
  }
  for (const count of first) expect(count).toBeGreaterThan(250)
  const clients = second.reduce((sum, count) => sum + count, 0)
  expect(second[0]).toBe(0)
  for (const count of second.slice(1)) expect(count / clients).toBeGreaterThan(0.26)
})

// Only servers that were learned counted as more or less loaded, not those of the application.
test('of a server that died, more clients go to the one with more room', () => {
  const connects = servers(3)
  const seeded = randomFrom(7)
  const random = () => seeded(1_000_000) / 1_000_000
  const rooms = [0.5, 0.1, 0.9]
  const counts = [0, 0, 0]
  let clients = 0
  while (clients < 600) {
    const { choice: chosen } = choice(connects, 'shuffle', random)
    const holder = chosen.next(null)?.connect
    if (holder !== connects[0]) continue
    clients++
    chosen.weigh(holder ?? null, (connect) => rooms[connects.indexOf(connect)] ?? 0)
    const [, other = 0] = failing(chosen, connects, 2, holder)
    counts[other] = (counts[other] ?? 0) + 1
  }
  expect(counts[0]).toBe(0)
  // Weights of 1 to 9.
  expect(counts[1]).toBeGreaterThan(30)
  expect(counts[1]).toBeLessThan(120)
})

test('servers before the one that holds the session, and an order of the application, stay as they are', () => {
  const connects = servers(4)
  const { choice: listed } = choice(connects)
  listed.weigh(connects[0] ?? null, (connect) => connects.indexOf(connect) / 4)
  expect(failing(listed, connects, 4)).toEqual([0, 1, 2, 3])
  const { choice: shuffled } = choice(connects, 'shuffle', () => 0.5)
  const order = failing(shuffled, connects, 4)
  shuffled.forgive()
  const last = connects[order[3] ?? 0]
  shuffled.weigh(last ?? null, (connect) => connects.indexOf(connect) / 4)
  expect(failing(shuffled, connects, 4)).toEqual(order)
})

test('a server that asks for time gets it, and the others are tried meanwhile', async () => {
  const connects = servers(2)
  const { choice: chosen, clock } = choice(connects)
  const [a, b] = connects as [Connect, Connect]
  chosen.failed(a, { isFinal: false, waitMs: 60_000 })
  for (let i = 0; i < 3; i++) chosen.failed(b, { isFinal: false })
  expect(chosen.next(a)).toMatchObject({ connect: b, waitMs: 0 })
  chosen.failed(b, { isFinal: false, waitMs: 90_000 })
  expect(chosen.next(null)).toMatchObject({ connect: a, waitMs: 60_000 })
  await clock.advance(60_000)
  expect(chosen.next(null)).toMatchObject({ connect: a, waitMs: 0 })
  for (const connect of connects) chosen.failed(connect, { isFinal: false, waitMs: 5000 })
  chosen.readmit()
  expect(chosen.next(null)?.waitMs).toBe(0)
})

test('servers that have refused for good are left out until the application wants them', () => {
  const connects = servers(2)
  const { choice: chosen } = choice(connects)
  const [a, b] = connects as [Connect, Connect]
  chosen.failed(a, { isFinal: true })
  expect([chosen.next(a)?.connect, chosen.count]).toEqual([b, 1])
  chosen.failed(b, { isFinal: true })
  expect(chosen.next(null)).toBe(null)
  chosen.readmit()
  expect(chosen.next(null)?.connect).toBe(a)
})

test('what has been slow before gets more patience', () => {
  const connects = servers(2)
  const { choice: chosen } = choice(connects)
  const [a] = connects as [Connect, Connect]
  chosen.succeeded(a, 100)
  expect(chosen.patienceMs(a)).toBe(2000)
  chosen.succeeded(a, 1500)
  expect(chosen.patienceMs(a)).toBe(4500)
})

describe('a busy server that holds the session', () => {
  const pause = (failures: number) => 250 * 2 ** failures

  test('is what is tried next, after its pause or the time that it asked for, until it has been tried', async () => {
    const connects = servers(2)
    const { choice: chosen, clock } = choice(connects)
    const [a, b] = connects as [Connect, Connect]
    chosen.tried(a)
    chosen.failed(a, { isFinal: false })
    expect(chosen.awaitHolder(a, pause, 10_000)).toBe(true)
    expect(chosen.next(a)).toEqual({ connect: a, waitMs: 0, pauseMs: 500 })
    expect(chosen.next(null)?.connect, 'only while it holds the session').toBe(b)
    chosen.failed(a, { isFinal: false, waitMs: 4000 })
    expect(chosen.next(a)?.connect, 'unless it is told again').toBe(b)
    expect(chosen.awaitHolder(a, pause, 10_000)).toBe(true)
    expect(chosen.next(a)).toEqual({ connect: a, waitMs: 4000, pauseMs: 4000 })
    await clock.advance(4000)
    expect(chosen.next(a)).toEqual({ connect: a, waitMs: 0, pauseMs: null })
    chosen.succeeded(a, 100)
    chosen.tried(a)
    expect(chosen.next(a)?.connect).toBe(b)
  })

  test.each([
    ['the session lasts no longer than the pause', 500, 0, 0],
    ['it lasts no longer than the server wants', 4000, 4000, 0],
    ['too little is left to open a link as slowly as before', 4100, 4000, 100]
  ])('is not waited for if %s', (_, leftMs, waitMs, tookMs) => {
    const connects = servers(2)
    const { choice: chosen } = choice(connects)
    const [a, b] = connects as [Connect, Connect]
    chosen.succeeded(a, tookMs)
    chosen.tried(a)
    chosen.failed(a, { isFinal: false, waitMs })
    expect(chosen.awaitHolder(a, pause, leftMs)).toBe(false)
    expect(chosen.next(a)?.connect).toBe(b)
    expect(chosen.awaitHolder(a, pause, leftMs + 1)).toBe(true)
  })

  test('is not waited for if it has refused for good, or there is no other that would have to wait', () => {
    const [a, b] = servers(2) as [Connect, Connect]
    const { choice: both } = choice([a, b])
    both.failed(a, { isFinal: true })
    expect(both.awaitHolder(a, pause, 10_000)).toBe(false)
    const { choice: single } = choice([a])
    single.failed(a, { isFinal: false })
    expect(single.awaitHolder(a, pause, 10_000)).toBe(false)
  })
})
