import { expect, test } from 'vitest'
import { type Turn, Turns, type Waiting } from '../../../src/streams/turns.js'

class FakeStream implements Waiting {
  readonly name: string
  chunks: number
  turn: Turn = 'none'

  constructor(name: string, chunks: number) {
    this.name = name
    this.chunks = chunks
  }

  get sendable(): boolean {
    return this.chunks > 0
  }
}

function setup(streams: Record<string, number>) {
  const turns = new Turns<FakeStream>()
  const all = Object.fromEntries(Object.entries(streams).map(([name, chunks]) => [name, new FakeStream(name, chunks)]))
  for (const stream of Object.values(all)) turns.add(stream)
  /** Sends one chunk; returns the name of the stream. */
  const send = (): string | undefined => {
    const stream = turns.take()
    if (stream === undefined) return undefined
    stream.chunks--
    return stream.name
  }
  const sendMany = (count: number) => Array.from({ length: count }, send).join(' ').trim()
  /** An application writes a chunk. */
  const write = (name: string) => {
    const stream = all[name] as FakeStream
    stream.chunks++
    turns.add(stream)
  }
  return { all, send, sendMany, turns, write }
}

test('streams with much to send take turns', () => {
  const { sendMany } = setup({ a: 100, b: 100, c: 100 })
  expect(sendMany(9)).toBe('a b c a b c a b c')
})

test('a stream that had nothing to send goes first, once', () => {
  const { sendMany, write } = setup({ a: 100, b: 100, c: 100, d: 0 })
  expect(sendMany(4)).toBe('a b c a')
  write('d')
  expect(sendMany(5)).toBe('d b c a b')
})

test('a sparse stream overtakes at most once a round, however often it has something', () => {
  const { send, write } = setup({ a: 1000, b: 1000, c: 1000, d: 0 })
  let sent = ''
  for (let i = 0; i < 400; i++) {
    write('d')
    sent += send() ?? ''
  }
  // Between two turns of any other stream, no stream has more than two.
  for (const round of sent.split('a').slice(1, -1)) {
    expect(round.split('b').length - 1, round).toBe(1)
    expect(round.split('d').length - 1, round).toBeLessThanOrEqual(2)
  }
  const share = (name: string) => sent.split(name).length - 1
  expect(share('d')).toBeLessThanOrEqual(share('a') + 2)
})

test('many sparse streams do not starve the one that always has something', () => {
  const sparse = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [String.fromCharCode(65 + i), 0]))
  const { send, write } = setup({ bulk: 10_000, ...sparse })
  let bulk = 0
  for (let i = 0; i < 2100; i++) {
    for (const name of Object.keys(sparse)) write(name)
    if (send() === 'bulk') bulk++
  }
  expect(bulk).toBeGreaterThanOrEqual(95)
})

test('a stream whose turn comes while it has nothing leaves the line, and is new when it has something', () => {
  const { all, sendMany, write } = setup({ a: 100, b: 1 })
  expect(sendMany(5)).toBe('a b a a a')
  expect(all['b']?.turn).toBe('none')
  write('b')
  expect(sendMany(2)).toBe('b a')
})

test('a stream is in line once, and only with something to send', () => {
  const { all, sendMany, turns } = setup({ a: 2, b: 0 })
  const { a, b } = all as { a: FakeStream; b: FakeStream }
  expect([turns.add(a), turns.add(b)]).toEqual([false, false])
  expect(sendMany(3)).toBe('a a')
  expect([a.turn, b.turn]).toEqual(['none', 'none'])
  expect(turns.take()).toBeUndefined()
})

test('a stream that lost its credit while it was first does not hold up the others', () => {
  const { all, sendMany } = setup({ a: 3, b: 3 })
  const { a } = all as { a: FakeStream }
  a.chunks = 0
  expect(sendMany(3)).toBe('b b b')
  expect(a.turn).toBe('none')
})

test('after clear, nobody is in line', () => {
  const { turns } = setup({ a: 3, b: 3 })
  turns.clear()
  expect(turns.take()).toBeUndefined()
})
