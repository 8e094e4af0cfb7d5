/** NetworkPlaces by network. */
import { expect, test } from 'vitest'
import { NetworkPlaces } from '../../../src/fairness/network-places.js'

test('counts the places of each network, also when a holder moves', () => {
  const places = new NetworkPlaces<string>()
  places.set('a', '192.0.2.1')
  places.set('b', '192.0.2.1')
  places.set('b', '192.0.2.1')
  places.set('c', '192.0.2.2')
  expect(places.largestFirst().map(({ network, holders }) => [network, holders.size])).toEqual([
    ['192.0.2.1', 2],
    ['192.0.2.2', 1]
  ])
  places.set('a', '192.0.2.2')
  places.delete('b')
  places.delete('b')
  expect([places.size, places.countOf('192.0.2.1'), places.countOf('192.0.2.2')]).toEqual([2, 0, 2])
})

const TOTAL = 1000

/** Places that networks of these names have taken in turn, as many as they may. */
function fill(names: string[]): NetworkPlaces<object> {
  const places = new NetworkPlaces<object>()
  const canGrow = (name: string) => places.maySettle(name, TOTAL - places.size)
  while (names.some(canGrow)) for (const name of names) if (canGrow(name)) places.set({}, name)
  return places
}

test('one network gets half of all places, two that grow together get a third each, and there is always one for a newcomer', () => {
  const names = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`)
  expect(fill(names.slice(0, 1)).size).toBe(500)
  expect(fill(names.slice(0, 2)).countOf('192.0.2.1')).toBe(333)
  const crowded = fill(names)
  expect(crowded.maySettle('198.51.100.1', TOTAL - crowded.size)).toBe(true)
})

// 16 networks of one /48 kept 94 % of all places, and those of an attacker with one client in each gave way last.
test('a site has the places of one network, however many networks it has, and each leaves room for the others of its site', () => {
  const names = Array.from({ length: 200 }, (_, index) => `2001:db8:1:${index.toString(16)}`)
  expect(fill(names).size).toBe(499)
  const alone = fill(names.slice(0, 1))
  expect(alone.size).toBe(334)
  expect(alone.maySettle('2001:db8:1:ff', TOTAL - alone.size)).toBe(true)
})

test('networks of the largest site come first, then those with the most places', () => {
  const places = new NetworkPlaces<string>()
  const put = (network: string, ...holders: string[]) => holders.forEach((holder) => void places.set(holder, network))
  put('192.0.2.1', 'a', 'b')
  put('2001:db8:1:1', 'c')
  put('2001:db8:1:2', 'd', 'e')
  put('2001:db8:1:3', 'f')
  expect(places.largestFirst().map(({ holders }) => [...holders].join(''))).toEqual(['de', 'c', 'f', 'ab'])
  for (const holder of 'def') places.delete(holder)
  expect([places.countOf('2001:db8:1'), places.countOf('2001:db8:1:1'), places.countOf('2001:db8:1:2')]).toEqual([
    1, 1, 0
  ])
  places.delete('c')
  expect(places.countOf('2001:db8:1')).toBe(0)
})

test.each(['127.0.0.1', '0:0:0:0'])('a program on this machine (%s) may take every place, but no more', (network) => {
  const places = new NetworkPlaces<number>()
  for (let i = 0; i < 999; i++) places.set(i, network)
  expect([places.maySettle(network, 1), places.maySettle(network, 0)]).toEqual([true, false])
})
