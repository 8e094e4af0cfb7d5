/** NetworkPlaces by network. */
import { expect, test } from 'vitest'
import { maySettle, NetworkPlaces } from '../../../src/fairness/network-places.js'

test('counts the places of each network, also when a holder moves', () => {
  const places = new NetworkPlaces<string>()
  places.set('a', '192.0.2.1')
  places.set('b', '192.0.2.1')
  places.set('b', '192.0.2.1')
  places.set('c', '192.0.2.2')
  expect(places.largestFirst().map(([network, { size }]) => [network, size])).toEqual([
    ['192.0.2.1', 2],
    ['192.0.2.2', 1]
  ])
  places.set('a', '192.0.2.2')
  places.delete('b')
  places.delete('b')
  expect([places.size, places.countOf('192.0.2.1'), places.countOf('192.0.2.2')]).toEqual([2, 0, 2])
})

test('one network gets half of all places, two that grow together get a third each, and there is always one for a newcomer', () => {
  const total = 1000
  const fill = (networks: number): NetworkPlaces<object> => {
    const places = new NetworkPlaces<object>()
    const names = Array.from({ length: networks }, (_, index) => `192.0.2.${index}`)
    const canGrow = (name: string) => maySettle(name, places.countOf(name), total - places.size)
    while (names.some(canGrow)) for (const name of names) if (canGrow(name)) places.set({}, name)
    return places
  }
  expect(fill(1).size).toBe(500)
  expect(fill(2).countOf('192.0.2.1')).toBe(333)
  const crowded = fill(200)
  expect(maySettle('198.51.100.1', 0, total - crowded.size)).toBe(true)
})

test.each(['127.0.0.1', '0:0:0:0'])('a program on this machine (%s) may take every place, but no more', (network) => {
  expect(maySettle(network, 999, 1)).toBe(true)
  expect(maySettle(network, 1000, 0)).toBe(false)
})
