import { VERDICT } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { RemoteAccepts } from '../../../src/node/accepts.js'
import type { RemoteServer } from '../../../src/node/remote-server.js'

const KEY = new Uint8Array(32)
/** What strangers may begin before somebody has to give way. */
const PLACES = 1024

function create() {
  const clock = new FakeClock()
  const handshake = { send: () => new Uint8Array(96), final: () => ({ holepunchSecret: KEY }) }
  const decision = { verdict: VERDICT.ACCEPT, handshake, remotePublicKey: KEY, payload: { bytes: new Uint8Array(0) } }
  const server = { decide: async () => decision } as unknown as RemoteServer
  const accepts = new RemoteAccepts(clock, 0, () => server)
  let lastId = 0
  const begin = async () => {
    const id = ++lastId
    const { verdict } = await accepts.receive({ id, publicKey: KEY, message: new Uint8Array(96) })
    return { id, verdict }
  }
  return { accepts, begin, clock }
}

test('strangers who begin handshakes and never finish them keep nobody out', async () => {
  // 34 of them a second, of 300 bytes each, kept all 1,024 places taken, and everybody else was ignored.
  const { accepts, begin, clock } = create()
  for (let i = 0; i < PLACES; i++) expect((await begin()).verdict).toBe(VERDICT.ACCEPT)
  expect((await begin()).verdict, 'those before are young').toBe(VERDICT.IGNORE)
  await clock.advance(2000)
  const honest = await begin()
  expect(honest.verdict).toBe(VERDICT.ACCEPT)
  expect(() => accepts.send({ id: 1, bytes: KEY }), 'the oldest gave way').toThrow('there is no such handshake')
  accepts.send({ id: honest.id, bytes: KEY })
})

test('those that decide together take no more places than there are', async () => {
  const { accepts, begin, clock } = create()
  const all = await Promise.all(Array.from({ length: PLACES + 10 }, begin))
  expect(all.filter(({ verdict }) => verdict === VERDICT.ACCEPT)).toHaveLength(PLACES)
  accepts.clear()
  expect(clock.liveTimers).toBe(0)
})
