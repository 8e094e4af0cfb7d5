import { expect, test } from 'vitest'
import { fleetServerBody } from '../../../src/control/index.js'

const own = {
  name: 'one',
  linkAddress: '127.0.0.1:1',
  url: '',
  clients: 3,
  maxClients: 10,
  leaseMs: 10_000,
  topics: 7,
  isDraining: true
}
const encoded = fleetServerBody.encode(own)

test('a description of a newer version may have more fields', () => {
  expect(fleetServerBody.decode(Buffer.concat([encoded, Buffer.from('more')]))).toEqual(own)
})

// It was unreadable, and its server not in the fleet.
test('one of an older version may lack the last fields', () => {
  expect(fleetServerBody.decode(encoded.subarray(0, -1))).toEqual({ ...own, isDraining: false })
  expect(fleetServerBody.decode(encoded.subarray(0, -5))).toEqual({ ...own, topics: 1, isDraining: false })
})

test.each([2, 4, 6, 10])('one that ends %i bytes too soon, within a field or a necessary one, is refused', (bytes) => {
  expect(() => fleetServerBody.decode(encoded.subarray(0, -bytes))).toThrow(/cut short/)
})
