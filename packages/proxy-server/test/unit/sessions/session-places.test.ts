/** Sessions that give way when all places are taken. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { type PlaceHolder, SessionPlaces } from '../../../src/sessions/session-places.js'

const OFFICE = '192.0.2.1'
const HOME = '192.0.2.2'
const IN_USE = { attached: true, isBusy: false, holdsNothing: false, linkChangedMs: 0 }
const AWAY = { ...IN_USE, attached: false }

function full(sessions: readonly (readonly [network: string, session: PlaceHolder])[], maxClientsPerNetwork = 1000) {
  const clock = new FakeClock()
  const places = new SessionPlaces({ maxClients: sessions.length, maxClientsPerNetwork }, clock)
  for (const [network, session] of sessions) places.set(session, network)
  return { clock, find: (network: string) => places.findPlace(network) }
}

test('of the sessions without a link, the one that lost it first gives way, in the network with the most places', () => {
  const [first, second, alone] = [{ ...AWAY, linkChangedMs: 20 }, { ...AWAY, linkChangedMs: 30 }, { ...AWAY }]
  const { find } = full([
    [HOME, alone],
    [OFFICE, second],
    [OFFICE, first]
  ])
  expect(find('198.51.100.1')).toBe(first)
})

test('a session that waits with open streams, and one in use, give way to nobody', () => {
  const { find } = full([
    [OFFICE, { ...AWAY, isBusy: true }],
    [OFFICE, { ...IN_USE }],
    [OFFICE, { ...IN_USE }]
  ])
  expect(find(HOME)).toMatchObject({ limit: 'maxClients', error: { code: 'LIMIT' } })
})

test('a session that has wanted nothing gives way after a second, to newcomers of its network too', async () => {
  const silent = { ...IN_USE, holdsNothing: true }
  const { clock, find } = full([[OFFICE, silent]])
  await clock.advance(950)
  expect(find(OFFICE)).toMatchObject({ limit: 'maxClients' })
  await clock.advance(50)
  expect(find(OFFICE)).toBe(silent)
})

test('nobody gives way to a network that holds more places', () => {
  const { find } = full([
    [OFFICE, { ...IN_USE }],
    [OFFICE, { ...IN_USE }],
    [HOME, { ...AWAY }]
  ])
  expect(find(OFFICE)).toMatchObject({ limit: 'maxClients' })
  expect(find(HOME)).toEqual(AWAY)
})

// Each network of a /48 had one place, as many as the newcomer, so that none of them gave way to it.
test('sessions of a site with many networks give way to somebody with fewer places, and to nobody of their own site first', () => {
  const attacker = Array.from({ length: 9 }, (_, i) => [`2001:db8:1:${i}`, { ...AWAY, linkChangedMs: i }] as const)
  const { find } = full([[HOME, { ...IN_USE }], ...attacker])
  expect(find(HOME)).toBe(attacker[0]?.[1])
  expect(find('2001:db8:1:ff')).toBe(attacker[0]?.[1])
})

test('the limit of a network holds for a site', () => {
  const { find } = full(
    [[HOME, { ...IN_USE }], ...Array.from({ length: 3 }, (_, i) => [`2001:db8:1:${i}`, { ...IN_USE }] as const)],
    3
  )
  expect(find('2001:db8:1:ff')).toMatchObject({ limit: 'maxClientsPerNetwork' })
})

test('a search in vain is not repeated for 50 ms, because it looks at every session', async () => {
  // On a full server, each greeting of a stranger would cost it more the more clients it has.
  let looks = 0
  const session = {
    ...IN_USE,
    get attached() {
      looks++
      return true
    }
  }
  const { clock, find } = full([[OFFICE, session]])
  for (const network of [HOME, '198.51.100.1', HOME]) expect(find(network)).toMatchObject({ limit: 'maxClients' })
  const once = looks
  await clock.advance(49)
  find(HOME)
  expect(looks).toBe(once)
  await clock.advance(1)
  find(HOME)
  expect(looks).toBe(2 * once)
})

test('maxClientsPerNetwork: one more needs a place of its own network, whatever is free', () => {
  const clock = new FakeClock()
  const places = new SessionPlaces({ maxClients: 100, maxClientsPerNetwork: 2 }, clock)
  const away = { ...AWAY }
  places.set({ ...IN_USE }, OFFICE)
  places.set(away, HOME)
  places.set({ ...AWAY }, HOME)
  places.set({ ...AWAY }, HOME)
  places.set({ ...IN_USE }, OFFICE)
  expect(places.findPlace(OFFICE)).toMatchObject({ limit: 'maxClientsPerNetwork', error: { code: 'LIMIT' } })
  expect(places.findPlace(HOME)).toBe(away)
  expect(places.findPlace('198.51.100.1')).toBeNull()
})

test('a network that holds as many places as are free gets no more, unless one of its own gives way', () => {
  const places = new SessionPlaces<PlaceHolder>({ maxClients: 4, maxClientsPerNetwork: 4 }, new FakeClock())
  const away = { ...AWAY }
  places.set({ ...IN_USE }, OFFICE)
  expect(places.findPlace(OFFICE)).toBeNull()
  places.set({ ...IN_USE }, OFFICE)
  expect(places.findPlace(OFFICE)).toMatchObject({ limit: 'maxClientsPerNetwork', error: { code: 'LIMIT' } })
  expect(places.findPlace(HOME)).toBeNull()
  places.set(away, OFFICE)
  expect(places.findPlace(OFFICE)).toBe(away)
})
