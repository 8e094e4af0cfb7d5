/** Every turn sorted all lines: with 10,000 clients that wait, a turn took 3 to 6 ms. The order is what sorting gives. */
import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { FairQueue, type Owner } from '../../../src/fairness/fair-queue.js'
import { Lines } from '../../../src/fairness/lines.js'

const SERVED_AT_ONCE = 2
const CREDIT_TURNS = 8

/** As `Lines`, but sorts everything each time and forgets nothing. */
class SortedLines {
  time = 0
  lines: { key: number; value: Set<number>; turns: number }[] = []

  obtain(key: number): Set<number> {
    const line = this.lines.find((one) => one.key === key) ?? { key, value: new Set(), turns: -Infinity }
    if (line.value.size === 0) this.toEnd(line)
    return line.value
  }

  order(): number[] {
    const waiting = this.lines.filter(({ value }) => value.size > 0)
    return waiting.sort((a, b) => this.rank(a) - this.rank(b)).map(({ key }) => key)
  }

  serve(key: number, waitingCount: number): void {
    const line = this.lines.find((one) => one.key === key)
    if (line === undefined) return
    if (waitingCount > 1) {
      line.turns = this.rank(line) + 1
      this.time = Math.max(this.time + 0.5 / (waitingCount + SERVED_AT_ONCE), line.turns - 1)
    }
    this.toEnd(line)
  }

  private rank({ turns }: { turns: number }): number {
    return Math.max(turns, this.time - CREDIT_TURNS)
  }

  private toEnd(line: SortedLines['lines'][number]): void {
    this.lines = [...this.lines.filter((one) => one !== line), line]
  }
}

const step = fc.record({ key: fc.nat(100), act: fc.constantFrom('push', 'push', 'push', 'serve', 'refund', 'demote') })

test('lines are in the order that sorting all of them gives, whatever has happened', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const [lines, model] = [new Lines<number, Set<number>>(SERVED_AT_ONCE), new SortedLines()]
      for (const [id, { act, key }] of steps.entries()) {
        if (act === 'push') for (const one of [lines.obtain(key, () => new Set()), model.obtain(key)]) one.add(id)
        else if (act === 'serve') serveFirst(lines, model)
        else if (act === 'refund') refund(lines, model, key)
        else demote(lines, model, key)
        expect([...lines.inOrder()].map(([name]) => name)).toEqual(model.order())
        expect([lines.size, lines.first()?.[0]]).toEqual([model.order().length, model.order()[0]])
      }
    })
  )
})

function serveFirst(lines: Lines<number, Set<number>>, model: SortedLines): void {
  const [first] = lines.inOrder()
  if (first === undefined) return
  const [key, items] = first
  const count = lines.size
  for (const set of [items, model.obtain(key)]) set.delete([...set][0] ?? -1)
  lines.serve(key, count)
  model.serve(key, count)
}

/** A line that is forgotten had nothing to refund, and would come first as well. */
function refund(lines: Lines<number, Set<number>>, model: SortedLines, key: number): void {
  if (lines.get(key) === undefined) return
  lines.refund(key)
  for (const line of model.lines) if (line.key === key) line.turns--
}

function demote(lines: Lines<number, Set<number>>, model: SortedLines, key: number): void {
  if (lines.get(key) === undefined) return
  lines.demote(key)
  for (const line of model.lines) if (line.key === key) line.turns = Math.max(line.turns, model.time)
}

// Each turn looked at all lines, so that it took the longer the more networks waited.
test('a turn looks at few lines, however many wait', () => {
  const lines = new Lines<number, { size: number }>(SERVED_AT_ONCE)
  const turns = 2000
  let [looks, size] = [0, 0]
  const line = {
    get size() {
      looks++
      return size
    }
  }
  for (let key = 0; key < 10_000; key++) lines.obtain(key, () => line)
  size = 1
  looks = 0
  for (let i = 0; i < turns; i++) {
    const [first] = lines.inOrder()
    lines.serve(first?.[0] ?? -1, lines.size)
  }
  expect(looks / turns).toBeLessThan(50)
})

// A line that was created with something in it was forgotten at once, so that the newcomers of a network missed turns.
test('a line in which something waits when it is created is in order', () => {
  const lines = new Lines<number, Set<number>>(SERVED_AT_ONCE)
  for (const key of [1, 2]) lines.obtain(key, () => new Set([key]))
  expect([[...lines.inOrder()].map(([key]) => key), lines.size]).toEqual([[1, 2], 2])
})

test('a line that has become empty leaves the order, also if nobody says so, and returns once something waits', () => {
  const lines = new Lines<number, Set<number>>(SERVED_AT_ONCE)
  const [one, two] = [1, 2].map((key) => lines.obtain(key, () => new Set([key])))
  one?.clear()
  expect(lines.first()?.[0]).toBe(2)
  two?.clear()
  lines.settle(2)
  expect([lines.first(), lines.size]).toEqual([undefined, 0])
  one?.add(1)
  lines.settle(1)
  expect(lines.first()?.[0]).toBe(1)
})

test('what enters a queue leaves it once, by rank and arrival within a client, or is removed', () => {
  const owners: Owner[] = Array.from({ length: 12 }, (_, i) => ({ network: `network ${i % 4}` }))
  const push = fc.record({
    owner: fc.nat(11),
    rank: fc.nat(2),
    act: fc.constantFrom('push', 'push', 'shift', 'delete')
  })
  fc.assert(
    fc.property(fc.array(push, { maxLength: 200, size: 'max' }), (steps) => {
      const queue = new FairQueue<number>({ servedAtOnce: SERVED_AT_ONCE })
      const waiting = new Map<number, { owner: number; rank: number }>()
      for (const [id, { act, owner, rank }] of steps.entries()) {
        if (act === 'push') queue.push(owners[owner] as Owner, id, rank)
        if (act === 'push') waiting.set(id, { owner, rank })
        else if (act === 'shift' && waiting.size > 0) expectFirst(waiting, queue.shift())
        else if (act === 'shift') expect(queue.shift()).toBeUndefined()
        else removeOne(queue, waiting, owners)
        expect(queue.size).toBe(waiting.size)
      }
      while (waiting.size > 0) expectFirst(waiting, queue.shift())
      expect(queue.shift()).toBeUndefined()
    })
  )
})

function expectFirst(waiting: Map<number, { owner: number; rank: number }>, id: number | undefined): void {
  const taken = id === undefined ? undefined : waiting.get(id)
  if (id === undefined || taken === undefined) throw new Error('it holds nothing, or what is not in it')
  const own = [...waiting].filter(([, { owner }]) => owner === taken.owner)
  const [best] = own.sort(([a, one], [b, other]) => one.rank - other.rank || a - b)
  expect(id).toBe(best?.[0])
  waiting.delete(id)
}

function removeOne(queue: FairQueue<number>, waiting: Map<number, { owner: number }>, owners: Owner[]): void {
  const [[id, { owner }] = [-1, { owner: 0 }]] = waiting
  expect(queue.delete(owners[owner] as Owner, id)).toBe(waiting.delete(id))
}
