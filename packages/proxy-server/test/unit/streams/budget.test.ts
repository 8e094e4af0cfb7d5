/** Clients share the memory for waiting bytes: senders are slowed down, so that the budget is never full. */
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { Owner } from '../../../src/fairness/fair-queue.js'
import { BufferBudget, type Buffered } from '../../../src/streams/budget.js'

const MIB = 1024 * 1024
const MAX_BYTES = 64 * MIB
const CHECK_MS = 250
const MIN_STREAM_BYTES = 16 * 1024

/** A stream whose sender respects the limit: it fills what it may as soon as `isOffered` is set. */
class FakeConnection implements Buffered {
  readonly kind = 'native'
  readonly owner: Owner
  bufferedBytes = 0
  limitBytes = 0
  failure: { code: string } | null = null

  constructor(owner: Owner) {
    this.owner = owner
  }

  limitTo(bytes: number): void {
    this.limitBytes = bytes
  }

  fill(): void {
    this.bufferedBytes = Math.max(this.bufferedBytes, Math.min(this.limitBytes, 4 * MIB))
  }

  fail(error: { code: string }): void {
    this.failure = error
  }
}

function setup(maxBytes = MAX_BYTES) {
  const clock = new FakeClock()
  const budget = new BufferBudget(maxBytes, clock)
  onTestFinished(() => budget.destroy())
  const open = (owner: Owner, count: number): FakeConnection[] => {
    const made = Array.from({ length: count }, () => new FakeConnection(owner))
    for (const connection of made) budget.add(connection)
    return made
  }
  const isUnharmed = (connections: FakeConnection[]) => connections.every(({ failure }) => failure === null)
  return { budget, clock, open, isUnharmed }
}

let networks = 0

/** A client, in a network of its own unless named. */
function client(network = `network ${++networks}`): Owner {
  return { network }
}

function held(connections: FakeConnection[]): number {
  return connections.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0)
}

/** Their senders fill what they may, a little at a time, as the network would. */
async function stall(connections: FakeConnection[], clock: FakeClock): Promise<void> {
  for (const connection of connections) {
    connection.fill()
    await clock.advance(CHECK_MS)
  }
}

test('a client with many stalled streams gets about an eighth, and leaves the rest to the others', async () => {
  const { clock, isUnharmed, open } = setup()
  const greedy = open(client(), 200)
  await stall(greedy, clock)
  expect(held(greedy)).toBeLessThan(MAX_BYTES / 8 + 200 * MIN_STREAM_BYTES)
  const [other] = open(client(), 1) as [FakeConnection]
  expect(other.limitBytes).toBeGreaterThan(MAX_BYTES / 16)
  await stall([other], clock)
  expect(other.bufferedBytes, 'a whole window').toBe(4 * MIB)
  expect(isUnharmed([...greedy, other])).toBe(true)
})

test('however many clients fill their share, the next one finds as much as each of them holds', async () => {
  const { budget, clock, isUnharmed, open } = setup()
  const all: FakeConnection[] = []
  for (let i = 0; i < 20; i++) {
    const streams = open(client(), 20)
    all.push(...streams)
    await stall(streams, clock)
    const [next] = open(client(), 1) as [FakeConnection]
    expect(next.limitBytes).toBeGreaterThan((MAX_BYTES - budget.bufferedBytes) / 9)
    budget.delete(next)
  }
  expect(budget.bufferedBytes).toBeLessThan(MAX_BYTES)
  expect(isUnharmed(all)).toBe(true)
})

test('twenty sessions of one network get no more than a third, and leave a client elsewhere its whole share', async () => {
  const { budget, clock, isUnharmed, open } = setup()
  const all: FakeConnection[] = []
  for (let session = 0; session < 20; session++) all.push(...open(client('one host'), 20))
  await stall(all, clock)
  expect(budget.bufferedBytes).toBeLessThan(MAX_BYTES / 3 + all.length * MIN_STREAM_BYTES)
  const [other] = open(client(), 1) as [FakeConnection]
  await clock.advance(CHECK_MS)
  expect(other.limitBytes).toBeGreaterThan(MAX_BYTES / 16)
  expect(isUnharmed(all)).toBe(true)
})

test('the limits are lifted when the client reads', async () => {
  const { clock, open } = setup()
  const streams = open(client(), 200)
  await stall(streams, clock)
  const last = streams.at(-1) as FakeConnection
  expect(last.limitBytes, 'the share is used up').toBe(MIN_STREAM_BYTES)
  for (const stream of streams) stream.bufferedBytes = 0
  await clock.advance(CHECK_MS)
  expect(last.limitBytes).toBe(MAX_BYTES / 8)
})

test('a stream keeps what it holds, and its client what it has left', async () => {
  const { clock, open } = setup()
  const [full, empty] = open(client(), 2) as [FakeConnection, FakeConnection]
  full.bufferedBytes = 2 * MIB
  await clock.advance(CHECK_MS)
  const left = (MAX_BYTES - 2 * MIB) / 8 - 2 * MIB
  expect([full.limitBytes, empty.limitBytes]).toEqual([left + 2 * MIB, left])
})

test('only senders that ignore their limit lose streams, the fullest first', async () => {
  const { budget, clock, isUnharmed, open } = setup()
  const honest = open(client(), 10)
  await stall(honest, clock)
  const [worst, bad] = open(client(), 2) as [FakeConnection, FakeConnection]
  worst.bufferedBytes = MAX_BYTES
  bad.bufferedBytes = 8 * MIB
  await clock.advance(CHECK_MS)
  expect(worst.failure).toMatchObject({ code: 'BUFFER_LIMIT' })
  expect([bad.failure, isUnharmed(honest)]).toEqual([null, true])
  expect(budget.countOf('native')).toBe(12)
})

// The fullest of all streams was reset: a client with very many streams made others lose theirs.
test('it is the client that holds most that loses streams, even if each of them holds little', async () => {
  const { clock, isUnharmed, open } = setup()
  const [honest] = open(client(), 1) as [FakeConnection]
  honest.bufferedBytes = 4 * MIB
  const many = open(client(), 300)
  for (const stream of many) stream.bufferedBytes = MIB / 4
  await clock.advance(CHECK_MS)
  expect(isUnharmed([honest])).toBe(true)
  const left = many.filter(({ failure }) => failure === null)
  expect(4 * MIB + held(left)).toBe(MAX_BYTES)
})

test('without connections, no timer is left', async () => {
  const { budget, clock, open } = setup()
  const streams = open(client(), 3)
  expect(clock.liveTimers).toBe(1)
  for (const stream of streams) budget.delete(stream)
  expect(clock.liveTimers).toBe(0)
  open(client(), 1)
  expect(clock.liveTimers).toBe(1)
  budget.destroy()
  await clock.advance(CHECK_MS)
  expect(clock.liveTimers).toBe(0)
})
