import { expect, test } from 'vitest'
import { StallingClock } from '../../../../runtime/test/support/stalling-clock.js'
import { type DialingSwarm, SharedDials } from '../../../src/dialing/shared-dials.js'

/** The dials of a process, all places taken, and swarms that wait, by number of peers. */
function full() {
  const clock = new StallingClock()
  const shared = SharedDials.of(clock)
  const told: string[] = []
  const swarm = (name: string, peerCount: number): DialingSwarm => ({ peerCount, onRoom: () => told.push(name) })
  const filler = swarm('filler', 0)
  let begun = 0
  for (; shared.hasRoom(filler); begun++) shared.begin()
  shared.forget(filler)
  return { begun, clock, shared, swarm, told }
}

test('swarms with one clock share one limit, others do not', () => {
  const { clock, shared, swarm } = full()
  expect(SharedDials.of(clock).hasRoom(swarm('same', 0))).toBe(false)
  expect(SharedDials.of(new StallingClock()).hasRoom(swarm('other', 0))).toBe(true)
  shared.end('unknown')
  expect(shared.hasRoom(swarm('same', 0))).toBe(true)
})

/**
 * 150 swarms in one process began over a thousand dials at once, which all timed out; and the swarms that were first
 * filled all their places before others had a single peer.
 */
test('three free places of four go to the swarm with the fewest peers, the fourth to the one that waits for longest', () => {
  const { shared, swarm, told } = full()
  const waiting = [
    ['longest', 9],
    ['many', 8],
    ['few', 1],
    ['some', 4],
    ['quite some', 6]
  ] as const
  for (const [name, peerCount] of waiting) {
    const one = { peerCount, onRoom: () => shared.begin() }
    shared.hasRoom({ ...swarm(name, peerCount), onRoom: () => told.push(name) && one.onRoom() })
  }
  for (let place = 0; place < waiting.length; place++) shared.end('unknown')
  expect(told).toEqual(['few', 'some', 'quite some', 'longest', 'many'])
})

test('one time-out, or a late event loop, halves the limit; each answer raises it by one', async () => {
  const { begun, clock, shared, swarm } = full()
  shared.end('answered')
  shared.begin()
  shared.end('timed-out')
  const left = (): number => {
    let room = 0
    for (const probe = swarm('probe', 0); shared.hasRoom(probe); room++) shared.begin()
    return room
  }
  expect(left(), 'more are in progress than the new limit allows').toBe(0)
  for (let dial = 0; dial < begun - 1; dial++) shared.end('unknown')
  const halved = left()
  expect(halved).toBe(Math.floor((begun + 1) / 2))
  await clock.advance(2000)
  clock.stall(900)
  await clock.advance(300)
  shared.end('answered')
  for (let dial = 0; dial < halved - 1; dial++) shared.end('unknown')
  expect(left()).toBeLessThan(halved)
})

/** Dials in progress after as many answers as there are places, of swarms that always want more. */
function inProgressAfterAnswers(swarmCount: number): { places: number; inProgress: number } {
  const { begun, shared } = full()
  let inProgress = begun
  for (let i = 0; i < swarmCount; i++) {
    const onRoom = () => {
      for (; shared.hasRoom(swarm); inProgress++) shared.begin()
    }
    const swarm = { peerCount: 0, onRoom }
    onRoom()
  }
  for (let answer = 0; answer < begun; answer++) {
    inProgress--
    shared.end('answered')
  }
  return { places: begun, inProgress }
}

/** The limit of 150 swarms doubled with every round of answers, to 500 dials, which took five seconds each. */
test('the limit grows by one with a round of answers while several swarms wait, and doubles for one', () => {
  const many = inProgressAfterAnswers(3)
  expect(many.inProgress - many.places).toBeLessThanOrEqual(1)
  const one = inProgressAfterAnswers(1)
  expect(one.inProgress).toBe(2 * one.places)
})
