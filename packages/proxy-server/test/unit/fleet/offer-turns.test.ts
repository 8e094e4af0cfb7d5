import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { turns } from '../../../../runtime/test/support/until.js'
import { createAbort } from '../../../src/client/abort.js'
import { OfferTurns } from '../../../src/fleet/offer-turns.js'
import type { FleetServer } from '../../../src/fleet/presence/presence.js'
import { fleetServer as server } from '../../support/fleet-server.js'

const { signal: never } = createAbort()
const STRANGER = { network: '192.0.2.1' }
const HONEST = { network: '203.0.113.5' }

/** Takes turns, and counts those that have begun. */
function taker(offers: OfferTurns) {
  const begun: (() => void)[] = []
  const take = (to: FleetServer, key: Uint8Array, owner = STRANGER, signal = never) =>
    offers.take(to, key, owner, signal).then((end) => void begun.push(end))
  return { begun, take }
}

// Strangers that dialled accomplices at another server, who never answered, filled the link to that server: nobody else
// there could be dialled for as long as a handshake may take.
test('strangers do not fill the way to a server: the next place is the honest client’s', async () => {
  const offers = new OfferTurns(64)
  const { begun, take } = taker(offers)
  const there = server('b')
  const all = Array.from({ length: 2000 }, () => take(there, randomBytes(32)))
  await turns(5)
  expect(begun).toHaveLength(1024)
  let isHonest = false
  const honest = take(there, randomBytes(32), HONEST).then(() => {
    isHonest = true
  })
  await take(server('c'), randomBytes(32))
  begun.shift()?.()
  begun.shift()?.()
  await turns(5)
  expect(isHonest).toBe(true)
  while (begun.length > 0) {
    begun.shift()?.()
    await turns(1)
  }
  await Promise.all([...all, honest])
})

test('a dial that is given up leaves the line, and keeps no place', async () => {
  const offers = new OfferTurns(1)
  const { begun, take } = taker(offers)
  const [there, key, dial] = [server('b'), randomBytes(32), new AbortController()]
  await take(there, key)
  const waiting = take(there, key, HONEST, dial.signal)
  dial.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  begun.shift()?.()
  await take(there, key)
  expect(begun).toHaveLength(1)
})
