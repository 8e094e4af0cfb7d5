/**
 * HyperDHT searched the DHT during each dial, even if the peer's first relay answered at once: eleven requests of a dial
 * that needs two. In a crowd, most packets and much of the processor's time went into searches that nobody needed.
 */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { askRelaysFirst } from '../../../src/native/relays-first.js'
import { bytes32 } from '../../support/fake-swarm.js'

const TARGET = bytes32(1)
const RELAY = { host: '192.0.2.9', port: 1 }

/** A node whose searches find two replies, and whose relay gives this answer. */
function setUp({
  answer = Promise.resolve('here'),
  clock = new FakeClock(),
  found = ['first', 'second'],
  answers = 1
} = {}) {
  const searched: object[] = []
  const state = { endedSearches: 0, endedSessions: 0 }
  const node = {
    findPeer(_target: Uint8Array, options: object = {}) {
      searched.push(options)
      const destroy = () => {
        state.endedSearches++
      }
      return Object.assign(replies(found), { destroy, closestReplies: Array(answers).fill(RELAY) })
    },
    _router: { peerHandshake: (..._args: unknown[]): Promise<string> => answer }
  }
  askRelaysFirst(node, clock)
  const session = {
    destroy() {
      state.endedSessions++
    }
  }
  const dial = () => {
    const search = node.findPeer(TARGET, { hash: false, nodes: [RELAY], session })
    return { search, found: collect(search) }
  }
  const ask = () => node._router.peerHandshake(TARGET, { session }, RELAY)
  return { ask, clock, dial, node, searched, session, state }
}

/** Timers fire when the test says so, because the event loop stood still until then. */
class StalledClock extends FakeClock {
  readonly #timers: (() => void)[] = []

  override setTimeout(run: () => void): unknown {
    return this.#timers.push(run)
  }

  fireNext(): void {
    this.#timers.shift()?.()
  }
}

async function* replies(all: string[]) {
  yield* all
}

async function collect(search: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const reply of search) all.push(reply)
  return all
}

test('a dial whose relay answers searches nothing', async () => {
  const { ask, clock, dial, searched, session, state } = setUp()
  const { found } = dial()
  expect(await ask()).toBe('here')
  session.destroy()
  expect(await found).toEqual([])
  await clock.advance(10_000)
  expect(searched).toEqual([])
  expect([state.endedSessions, clock.liveTimers]).toEqual([1, 0])
})

test('the search begins as soon as the relay has failed, and not at that relay', async () => {
  const { ask, dial, searched, session } = setUp({ answer: Promise.reject(new Error('no answer')) })
  const { found } = dial()
  await expect(ask()).rejects.toThrow('no answer')
  expect(await found).toEqual(['first', 'second'])
  expect(searched).toEqual([{ hash: false, nodes: null, session }])
})

test('the search begins after 300 ms if the relay is slow', async () => {
  const { clock, dial, searched } = setUp()
  const { found } = dial()
  await clock.advance(299)
  expect(searched).toEqual([])
  await clock.advance(1)
  expect(await found).toEqual(['first', 'second'])
})

test('a stall of the event loop, after which the answer is still to be read, does not begin the search', async () => {
  const clock = new StalledClock()
  const { dial, searched, session } = setUp({ clock })
  const { found } = dial()
  clock.fireNext()
  session.destroy()
  expect(await found).toEqual([])
  expect(searched).toEqual([])
})

test('a dial that has ended searches nothing, and ends a search that has begun', async () => {
  const early = setUp()
  const before = early.dial()
  before.search.destroy()
  expect(await before.found).toEqual([])
  await early.clock.advance(10_000)
  expect(early.searched).toEqual([])

  const { clock, dial, state } = setUp()
  const { found, search } = dial()
  await clock.advance(300)
  await found
  search.destroy()
  expect(state.endedSearches).toBe(1)
})

test.each([
  ['without relays', { hash: false, nodes: null, session: { destroy() {} } }],
  ['that is not part of a dial', { nodes: [RELAY] }],
  // The application got something that is not a query: it could not wait for `finished()`.
  ['of an application', { nodes: [RELAY], session: { destroy() {} } }]
])('a search %s begins at once', async (_, options) => {
  const { node, searched } = setUp()
  expect(await collect(node.findPeer(TARGET, options))).toEqual(['first', 'second'])
  expect(searched).toEqual([options])
})

test('a second search of a session begins at once, and the first one keeps its head start', async () => {
  const { ask, dial, node, searched, session } = setUp({ answer: Promise.reject(new Error('no answer')) })
  const { found } = dial()
  const options = { hash: false, nodes: [RELAY], session }
  expect(await collect(node.findPeer(TARGET, options))).toEqual(['first', 'second'])
  expect(searched).toEqual([options])
  await expect(ask()).rejects.toThrow('no answer')
  expect(await found).toEqual(['first', 'second'])
})

const SILENT = new Promise<string>(() => {})

// Anyone can announce keys that nobody has, with relays that never answer: each dial took four seconds.
test('relays of a peer that no node knows have half a second more, and it is not searched again', async () => {
  const { ask, clock, dial, node, searched, session } = setUp({ answer: SILENT, found: [] })
  const { found } = dial()
  const asked = ask().catch((error: Error) => error.message)
  await clock.advance(300)
  expect(await found).toEqual([])
  const again = node.findPeer(TARGET, { hash: false, nodes: null, session } as object)
  expect([await collect(again), searched.length]).toEqual([[], 1])
  await clock.advance(499)
  expect(await Promise.race([asked, 'waits'])).toBe('waits')
  await clock.advance(1)
  expect(await asked).toBe('nobody knows the peer')
  expect(clock.liveTimers).toBe(0)
})

test.each([
  ['some node knows the peer', { found: ['first'] }],
  ['no node has answered, as without a DHT', { found: [], answers: 0 }]
])('relays have all the time of a dial if %s', async (_, options) => {
  const { ask, clock, dial } = setUp({ answer: SILENT, ...options })
  const { found } = dial()
  const asked = ask()
  await clock.advance(300)
  await found
  await clock.advance(60_000)
  expect(await Promise.race([asked, 'waits'])).toBe('waits')
})

test('a node is changed once, and another kind of node not at all', () => {
  const { clock, node } = setUp()
  const { findPeer } = node
  askRelaysFirst(node, clock)
  expect(node.findPeer).toBe(findPeer)
  const other = { findPeer: () => 'theirs' }
  const theirs = other.findPeer
  askRelaysFirst(other, clock)
  expect(other.findPeer).toBe(theirs)
})
