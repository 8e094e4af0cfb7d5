import { expect, test } from 'vitest'
import { LazyMap } from '../src/index.js'

test('a lazy map behaves like a Map before it is used, while it has entries, and once it is empty again', () => {
  const map = new LazyMap<string, number>()
  const seen = () => [map.size, map.get('a'), map.has('a'), [...map.keys()], [...map.values()], [...map]]
  const empty = [0, undefined, false, [], [], []]
  expect([seen(), map.delete('a')]).toEqual([empty, false])
  map.set('a', 1).set('b', 2)
  expect(seen()).toEqual([
    2,
    1,
    true,
    ['a', 'b'],
    [1, 2],
    [
      ['a', 1],
      ['b', 2]
    ]
  ])
  expect([map.delete('a'), map.delete('a'), map.delete('b')]).toEqual([true, false, true])
  expect(seen()).toEqual(empty)
  map.set('a', 3).clear()
  expect(seen()).toEqual(empty)
})

test('two lazy maps share nothing', () => {
  const [one, other] = [new LazyMap<number, string>(), new LazyMap<number, string>()]
  one.set(1, 'x')
  expect([...other]).toEqual([])
})

test('entries that are deleted during an iteration are skipped', () => {
  const map = new LazyMap<number, string>().set(1, 'a').set(2, 'b')
  const seen: number[] = []
  for (const key of map.keys()) {
    seen.push(key)
    map.clear()
  }
  expect(seen).toEqual([1])
})
