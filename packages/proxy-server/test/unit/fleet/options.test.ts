import { expect, test } from 'vitest'
import { verifyFleet } from '../../../src/fleet/options.js'
import { brokerPresence, type FleetOptions, MemoryBroker } from '../../../src/index.js'

const good: FleetOptions = { name: 'one', presence: brokerPresence(new MemoryBroker().client()) }

test('a server alone has no options of a fleet', () => {
  expect(verifyFleet(undefined)).toBeNull()
})

test.each<Partial<FleetOptions>>([
  {},
  { name: 'x'.repeat(64) },
  { name: 'proxy-é.example' },
  { url: 'wss://one.example/swarm' },
  { url: 'ws://[::1]:8080' },
  { linkPort: 0 },
  { linkPort: 65_535 }
])('%j is taken', (options) => {
  expect(verifyFleet({ ...good, ...options })).toEqual({ ...good, ...options })
})

test.each<[string, object]>([
  ['name', { name: '' }],
  ['name', { name: 'two words' }],
  ['name', { name: 'x'.repeat(65) }],
  ['name', { name: 'bell\u0007' }],
  ['name', { name: undefined }],
  ['presence', { presence: null }],
  ['secret', { secret: 7 }],
  ['linkHost', { linkHost: 7 }],
  ['linkAddress', { linkAddress: 7 }],
  ['linkPort', { linkPort: 65_536 }],
  ['linkPort', { linkPort: 1.5 }],
  ['url', { url: 'https://one.example' }],
  ['url', { url: 'wss://' }],
  ['url', { url: 'wss://one.example/a b' }],
  ['url', { url: 7 }]
])('a bad %s is named: %j', (name, options) => {
  expect(() => verifyFleet({ ...good, ...options } as FleetOptions)).toThrow(`fleet.${name} must`)
})
