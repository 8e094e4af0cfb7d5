import { expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { FairQueue, type Owner } from '../../../src/fairness/fair-queue.js'
import { NetworkPace } from '../../../src/fairness/network-pace.js'

const network = (name: string): Owner => ({ network: name })

/** A queue in which each of these clients always has something to wait for. */
function busy(owners: Owner[]) {
  const queue = new FairQueue<Owner>()
  for (const owner of owners) queue.push(owner, owner)
  /** Serves so many items, and returns how many of them went to others before `wanted`. */
  const serve = (count: number, wanted?: Owner): number => {
    for (let i = 0; i < count; i++) {
      const next = queue.shift()
      if (next === wanted) return i
      if (next !== undefined) queue.push(next, next)
    }
    return count
  }
  return { queue, serve }
}

/** The turns of clients that always wait for something, once all have had some. */
function served(owners: Owner[], turns: number): Map<Owner, number> {
  const { queue, serve } = busy(owners)
  serve(10 * owners.length)
  const shares = new Map<Owner, number>()
  for (let i = 0; i < turns; i++) {
    const next = queue.shift() as Owner
    shares.set(next, (shares.get(next) ?? 0) + 1)
    queue.push(next, next)
  }
  return shares
}

const crowds: [what: string, crowd: Owner[], newcomer: Owner, before: number][] = [
  ['30 clients of its network', Array.from({ length: 30 }, () => network('a')), network('a'), 0],
  ['30 clients of another network', Array.from({ length: 30 }, () => network('a')), network('b'), 1],
  ['30 networks', Array.from({ length: 30 }, (_, i) => network(`${i}`)), network('b'), 0],
  // The one that waits there had used up the turns of its address: the newcomer waited for two rounds.
  ['30 networks, its own among them,', Array.from({ length: 30 }, (_, i) => network(`${i}`)), network('0'), 0]
]

test.each(crowds)('the first turns of a newcomer come before %s that always wait', (_, crowd, newcomer, before) => {
  const { queue, serve } = busy(crowd)
  serve(1000)
  for (let turn = 0; turn < 6; turn++) {
    queue.push(newcomer, newcomer)
    expect(serve(1000, newcomer), `others before turn ${turn}`).toBeLessThanOrEqual(before)
  }
})

test('an endless row of newcomers does not keep a busy client waiting for ever', () => {
  const honest = network('honest')
  const { queue } = busy([honest])
  let served = 0
  for (let i = 0; i < 2000; i++) {
    const newcomer = network(`${i}`)
    queue.push(newcomer, newcomer)
    if (queue.shift() !== honest) continue
    served++
    queue.push(honest, honest)
  }
  // By then, as many newcomers wait.
  expect(served).toBeGreaterThanOrEqual(40)
})

test('those that always wait for something have equal shares, by network first', () => {
  const [a1, a2, b] = [network('a'), network('a'), network('b')]
  const shares = served([a1, a2, b], 400)
  expect([a1, a2, b].map((owner) => shares.get(owner))).toEqual([100, 100, 200])
})

test('a client that is demoted comes after newcomers again, and a refunded turn does not count', () => {
  const [a, b] = [network('a'), network('b')]
  const { queue, serve } = busy(Array.from({ length: 30 }, (_, i) => network(`${i}`)))
  serve(1000)
  for (const owner of [a, b]) queue.push(owner, owner)
  expect([queue.shift(), queue.shift()]).toEqual([a, b])
  queue.demote(a)
  queue.refund(b)
  expect([queue.isAhead(a), queue.isAhead(b)]).toEqual([false, true])
  for (const owner of [a, b]) queue.push(owner, owner)
  expect(queue.shift()).toBe(b)
  expect(serve(100, a)).toBeGreaterThan(0)
})

test('of one client, lower ranks come first, and what is not ready is passed over', () => {
  const queue = new FairQueue<string>({ kindOf: (item) => item })
  const client = network('a')
  for (const [item, rank] of [
    ['late', 2],
    ['first', 1],
    ['second', 1]
  ] as const)
    queue.push(client, item, rank)
  expect(queue.shift((item) => item !== 'first')).toBe('second')
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['first', 'late', undefined])
})

test('an item can be removed after its client has moved to another network', () => {
  const queue = new FairQueue<string>()
  const client = { network: 'a' }
  queue.push(client, 'x')
  client.network = 'b'
  expect(queue.delete(client, 'x')).toBe(true)
  expect(queue.delete(client, 'x')).toBe(false)
  expect(queue.size).toBe(0)
  expect(queue.shift()).toBeUndefined()
})

test('an address gets at most twice its share by newcomers without end', () => {
  const honest = network('honest')
  const { queue } = busy([honest])
  let served = 0
  for (let i = 0; i < 1000; i++) {
    const newcomer = network('a')
    queue.push(newcomer, newcomer)
    if (queue.shift() !== honest) continue
    served++
    queue.push(honest, honest)
  }
  expect(served).toBeGreaterThan(300)
})

// 65,536 networks of one /48 had as many shares as 65,536 strangers; 16 when they were divided into as many.
test('a site with many networks has the share of one address, and its networks share that', () => {
  const home = network('192.0.2.1')
  const site = Array.from({ length: 100 }, (_, i) => network(`2001:db8:1:${i.toString(16)}`))
  const shares = served([home, ...site, network('2001:db8:1:0')], 10_000)
  expect(shares.get(home)).toBeGreaterThan(4800)
  for (const [i, one] of site.entries()) expect(shares.get(one), `network ${i}`).toBeGreaterThan(i === 0 ? 20 : 40)
})

test('the first turns of a newcomer in a site come before its networks that always wait', () => {
  const crowd = Array.from({ length: 100 }, (_, i) => network(`2001:db8:1:${i.toString(16)}`))
  const neighbours = Array.from({ length: 9 }, () => network('2001:db8:1:5'))
  for (const newcomer of ['2001:db8:1:ffff', '2001:db8:1:5', '2001:db8:2:0'].map(network)) {
    const { queue, serve } = busy([...crowd, ...neighbours, network('192.0.2.1')])
    serve(20_000)
    for (let turn = 0; turn < 4; turn++) {
      queue.push(newcomer, newcomer)
      expect(serve(1000, newcomer), `others before turn ${turn} of ${newcomer.network}`).toBeLessThanOrEqual(1)
    }
  }
})

// Each request of a network that had to wait looked at all that it had asked for before: 500 clients with 128 queries each
// kept the server busy with looking.
test('what waits for the pace of its network is not looked at', () => {
  const pace = new NetworkPace(2, new FakeClock())
  const queue = new FairQueue<{ isFree: boolean }>({ pace, isPaced: ({ isFree }) => !isFree })
  const office = network('192.0.2.1')
  const paced = Array.from({ length: 100 }, () => ({ isFree: false }))
  for (const item of paced) queue.push(office, item)
  let looks = 0
  const shift = () => queue.shift(() => looks++ >= 0)
  expect([shift(), shift(), shift()]).toEqual([paced[0], paced[1], undefined])
  const before = looks
  expect(shift()).toBeUndefined()
  expect(looks).toBe(before)
  const free = { isFree: true }
  queue.push(office, free)
  expect([shift(), shift(), queue.size]).toEqual([free, undefined, 98])
  queue.push(office, free)
  expect([queue.delete(office, free), shift()]).toEqual([true, undefined])
})

// All that waited were sorted for each turn, when the first in line had to wait for its rate.
test('sites that have to wait for their rate are looked at once, until their time has come', () => {
  const pace = new NetworkPace(1, new FakeClock(), { isShared: false })
  const queue = new FairQueue<string>({ pace })
  const names = Array.from({ length: 1000 }, (_, i) => `${i}`)
  const owners = new Map(names.map((name) => [name, network(name)]))
  for (const turn of ['', ' again']) for (const name of names) queue.push(owners.get(name) as Owner, name + turn)
  for (const name of names) expect(queue.shift()).toBe(name)
  queue.retryHeld()
  const asked = vi.spyOn(pace, 'mayBegin')
  expect(queue.shift()).toBeUndefined()
  expect(asked.mock.calls.length).toBe(1000)
  for (let i = 0; i < 100; i++) expect(queue.shift()).toBeUndefined()
  expect([asked.mock.calls.length, queue.size]).toEqual([1000, 1000])
  queue.push(network('newcomer'), 'first')
  expect([queue.shift(), queue.shift()]).toEqual(['first', undefined])
  expect(asked.mock.calls.length).toBeLessThan(1010)
  queue.retryHeld()
  expect([queue.shift(), asked.mock.calls.length > 2000]).toEqual([undefined, true])
})

// All items of a client were looked at for each of its turns, and to remove one.
test('a client with many items is looked at as one with few', () => {
  let looks = 0
  const queue = new FairQueue<number>({ kindOf: (item) => item % 2 })
  const client = network('a')
  for (let i = 0; i < 10_000; i++) queue.push(client, i, 1 + (i % 3))
  const isOdd = (item: number): boolean => {
    looks++
    return item % 2 === 1
  }
  for (let i = 0; i < 1000; i++) expect(queue.shift(isOdd)).toBe(3 + 6 * i)
  expect(looks).toBeLessThanOrEqual(2000)
})
