import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { StallingClock } from '../../../../runtime/test/support/stalling-clock.js'
import { turns } from '../../../../runtime/test/support/until.js'
import { DhtQueue, type QueryPurpose } from '../../../src/dht/dht-queue.js'
import type { QueryPlace } from '../../../src/dht/query-place.js'
import { Load } from '../../../src/fairness/load.js'
import { Counters } from '../../../src/stats/counters.js'
import { codeOf } from '../../support/test-client.js'

const SETTLE_TURNS = 3
const settle = () => turns(SETTLE_TURNS)

/** A queue, and queries that run until the test ends them. */
function create(max: number, perSecond?: number) {
  const clock = new FakeClock()
  const queue = new DhtQueue({ maxInFlight: max, clock, ...(perSecond !== undefined && { perSecond }) })
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const run = (owner: { network: string }, name: string, purpose: QueryPurpose = 'join') =>
    queue.schedule(owner, purpose, () => {
      begun.push(name)
      return new Promise((resolve, reject) =>
        ends.set(name, (error) => (error === undefined ? resolve() : reject(error)))
      )
    })
  /** Ends the running query that began first, until none is left. */
  const endAll = async () => {
    for (await settle(); ends.size > 0; await settle()) {
      const [[name, end]] = [...ends] as [[string, () => void]]
      ends.delete(name)
      end()
    }
  }
  return { begun, clock, endAll, ends, queue, run }
}

const network = (name: string) => ({ network: name })

test('networks take turns, then their clients, however many queries and clients they have', async () => {
  // Eight queries of the first client to ask took all places, and thousands more waited before anybody else's.
  const { begun, endAll, run } = create(1)
  const [a1, a2, b] = [network('a'), network('a'), network('b')]
  for (const [i, owner] of [a1, a1, a1, a2, a2].entries()) run(owner, `a${owner === a1 ? 1 : 2}-${i}`)
  run(b, 'b-0')
  run(b, 'b-1')
  await endAll()
  // The turn for which nobody else waited does not count.
  expect(begun).toEqual(['a1-0', 'a1-1', 'b-0', 'a2-3', 'b-1', 'a1-2', 'a2-4'])
})

test('a network begins so many queries a second and no more, while others begin theirs at once', async () => {
  // Where the DHT answers at once, lookups of new topics took all of the server's time, with only five at once.
  const { begun, clock, endAll, queue, run } = create(2, 2)
  for (let i = 0; i < 5; i++) run(network('a'), `a-${i}`)
  await endAll()
  expect([begun, queue.queued]).toEqual([['a-0', 'a-1'], 3])
  run(network('b'), 'b-0')
  for (let i = 0; i < 4; i++) run(network('127.0.0.1'), `own-${i}`)
  await endAll()
  expect(begun.slice(2)).toEqual(['b-0', 'own-0', 'own-1', 'own-2', 'own-3'])
  await clock.advance(500)
  await endAll()
  expect(begun.slice(7)).toEqual(['a-2'])
  await clock.advance(500)
  await endAll()
  expect([begun.slice(8), queue.queued]).toEqual([['a-3'], 1])
})

test('of one client, a join comes before a withdrawal, and that before a refresh', async () => {
  const { begun, endAll, run } = create(1)
  const client = network('a')
  for (const purpose of ['refresh', 'refresh', 'leave', 'join'] as const) run(client, purpose, purpose)
  await endAll()
  expect(begun).toEqual(['refresh', 'join', 'leave', 'refresh'])
})

test('refreshes and stored records take only half of the places', async () => {
  const { begun, queue, run } = create(4)
  const client = network('a')
  for (const [i, purpose] of (['refresh', 'store', 'refresh', 'store'] as const).entries()) run(client, `${i}`, purpose)
  await settle()
  expect(begun).toEqual(['0', '1'])
  run(client, 'join')
  await settle()
  expect(begun).toEqual(['0', '1', 'join'])
  expect(queue).toMatchObject({ inFlight: 3, queued: 2 })
})

test('a query has no place while its client is silent, and is first in the line of its client afterwards', async () => {
  // Clients that never answered SIGN held each of the eight places for three seconds, and everybody else waited.
  const { begun, ends, queue, run } = create(1)
  const [silent, other] = [network('a'), network('b')]
  const signatures: (() => void)[] = []
  const log: string[] = []
  const sign = (place: QueryPlace) => place.pause(() => new Promise<void>((resolve) => signatures.push(resolve)))
  const announcement = queue.schedule(silent, 'join', async (place) => {
    log.push('lookup')
    await Promise.all([sign(place), sign(place)])
    log.push('sent')
  })
  run(other, 'other')
  run(other, 'other next')
  run(silent, 'own next')
  await settle()
  expect(log).toEqual(['lookup'])
  expect(begun, 'the other begins while the client signs').toEqual(['other'])
  signatures[0]?.()
  await settle()
  expect(queue.queued, 'one signature is not enough').toBe(2)
  signatures[1]?.()
  await settle()
  expect(queue.queued).toBe(3)
  expect(log, 'and it waits for a place').toEqual(['lookup'])
  ends.get('other')?.()
  await announcement.done
  expect(log).toEqual(['lookup', 'sent'])
  expect(begun).not.toContain('own next')
})

test('a cancelled query leaves the queue, also while it waits to go on after its client has signed', async () => {
  const { begun, ends, queue, run } = create(1)
  let signed: () => void = () => {}
  const announcement = queue.schedule(network('a'), 'join', (place) =>
    place.pause(() => new Promise<void>((resolve) => (signed = resolve)))
  )
  run(network('b'), 'b')
  const waiting = run(network('c'), 'c')
  await settle()
  waiting.place.cancel()
  await waiting.done
  signed()
  await settle()
  expect(queue).toMatchObject({ inFlight: 1, queued: 1 })
  announcement.place.cancel()
  await announcement.done
  expect(queue).toMatchObject({ inFlight: 1, queued: 0 })
  ends.get('b')?.()
  await settle()
  expect(begun).toEqual(['b'])
  expect(queue.inFlight).toBe(0)
})

test('a query that several wait for runs at the turn of any of them, once, and not if all have left', async () => {
  // What a busy client had put at the end of its line waited there for the others as well.
  const { begun, endAll, queue, run } = create(1)
  const [busy, other] = [network('a'), network('b')]
  for (let i = 0; i < 10; i++) run(busy, `busy ${i}`)
  const shared = run(busy, 'shared')
  const left = run(busy, 'left')
  for (const { place } of [shared, left]) place.share(other)
  left.place.unshare(other)
  left.place.unshare(busy)
  await settle()
  expect(queue.queued).toBe(10)
  await endAll()
  expect(begun.indexOf('shared')).toBeLessThanOrEqual(2)
  expect(begun).toHaveLength(11)
})

test('a query that hangs gives up its place after a while, and still settles as usual', async () => {
  const { clock, ends, queue, run } = create(1)
  const hanging = run(network('a'), 'hanging')
  const next = run(network('a'), 'next')
  await settle()
  expect(queue).toMatchObject({ inFlight: 1, queued: 1 })
  await clock.advance(3000)
  ends.get('next')?.()
  await next.done
  await settle()
  expect(queue).toMatchObject({ inFlight: 0, queued: 0 })
  ends.get('hanging')?.(Object.assign(new Error('late'), { code: 'LATE' }))
  expect(await codeOf(hanging.done)).toBe('LATE')
  expect(clock.liveTimers).toBe(0)
})

test('a query that is cancelled while the load is high gives its place back at once', async () => {
  // It kept the place until its turn under the load came, seconds later, and then did nothing with it.
  const clock = new StallingClock()
  const load = new Load({ clock, counters: new Counters(), maxDelayMs: 250 })
  const queue = new DhtQueue({ maxInFlight: 1, clock, load })
  for (let i = 0; i < 30; i++) {
    clock.stall(400)
    await clock.advance(500)
  }
  const begun: string[] = []
  const run = (name: string) => queue.schedule(network(name), 'join', async () => void begun.push(name))
  const cancelled = run('a')
  const next = run('b')
  await settle()
  cancelled.place.cancel()
  await cancelled.done
  expect(queue).toMatchObject({ inFlight: 1, queued: 0 })
  load.destroy()
  await next.done
  expect(begun).toEqual(['b'])
})

/** An announcement counted twice, since it takes a place again after its signatures. */
test('a query that takes its place again does not count as another that begins', async () => {
  const { begun, clock, endAll, queue, run } = create(8, 2)
  const client = network('busy')
  const twice = () => queue.schedule(client, 'join', (place) => place.pause(async () => {}))
  await Promise.all([twice().done, twice().done])
  run(client, 'third')
  await settle()
  expect(begun).toEqual([])
  await clock.advance(1000)
  expect(begun).toEqual(['third'])
  await endAll()
})

// Joining takes more queries than the part of a network that is its own allows in a second: beside thirty addresses that
// looked topics up without a pause, each of them waited for the rate of all networks.
test('a network that has been quiet joins without waiting for the rate of all networks', async () => {
  const { begun, clock, endAll, run } = create(5, 64)
  for (let i = 0; i < 30; i++) for (let j = 0; j < 200; j++) void run(network(`stranger ${i}`), 'strange')
  for (let i = 0; i < 20; i++) {
    await endAll()
    await clock.advance(100)
  }
  for (let i = 0; i < 20; i++) void run(network('home'), 'own')
  await endAll()
  expect(begun.filter((name) => name === 'own')).toHaveLength(20)
  expect(begun.length, 'the strangers wait').toBeLessThan(30 * 200)
})
