/** On the link between two servers, a client with a hundred streams once had a hundred turns for each of another one. */
import { describe, expect, test } from 'vitest'
import { type Grouped, GroupedTurns } from '../../../src/streams/grouped-turns.js'
import type { Turn } from '../../../src/streams/turns.js'

class Stream implements Grouped {
  sendable = true
  turn: Turn = 'none'
  readonly name: string
  readonly group: object | null

  constructor(name: string, group: object | null = null) {
    this.name = name
    this.group = group
  }
}

function take(turns: GroupedTurns<Stream>, count: number): string[] {
  return Array.from({ length: count }, () => turns.take()?.name ?? '-')
}

const countOf = (names: string[], start: string) => names.filter((name) => name.startsWith(start)).length

describe('turns of streams that belong together', () => {
  test('a group of many has as many turns as one stream, and its members take theirs in it', () => {
    const turns = new GroupedTurns<Stream>()
    const [greedy, modest] = [{}, {}]
    for (let i = 0; i < 10; i++) turns.add(new Stream(`greedy ${i}`, greedy))
    turns.add(new Stream('modest', modest))
    turns.add(new Stream('alone'))
    const names = take(turns, 300)
    expect([countOf(names, 'greedy'), countOf(names, 'modest'), countOf(names, 'alone')]).toEqual([100, 100, 100])
    for (let i = 0; i < 10; i++) expect(countOf(names, `greedy ${i}`)).toBe(10)
  })

  test('a group that has nothing to send leaves its turns to the others, and comes back', () => {
    const turns = new GroupedTurns<Stream>()
    const [one, other] = [new Stream('one', {}), new Stream('other', {})]
    for (const stream of [one, other]) turns.add(stream)
    one.sendable = false
    expect(countOf(take(turns, 10), 'other')).toBe(10)
    one.sendable = true
    turns.add(one)
    expect(countOf(take(turns, 10), 'one')).toBe(5)
  })

  test('nobody has anything', () => {
    const turns = new GroupedTurns<Stream>()
    const one = new Stream('one', {})
    expect(turns.add(Object.assign(one, { sendable: false }))).toBe(false)
    expect(turns.take()).toBeUndefined()
    turns.add(Object.assign(one, { sendable: true }))
    turns.clear()
    expect(turns.take()).toBeUndefined()
  })
})
