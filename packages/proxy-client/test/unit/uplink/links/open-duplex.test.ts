import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { turns } from '../../../../../runtime/test/support/until.js'
import { openDuplex } from '../../../../src/uplink/links/open-duplex.js'

const createDuplex = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })

test('it gives the duplex and sets no timer for later', async () => {
  const clock = new FakeClock()
  const duplex = createDuplex()
  expect(await openDuplex(() => duplex, clock, 100).duplex).toBe(duplex)
  expect(clock.liveTimers).toBe(0)
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no route')
    }
  ],
  ['rejects', () => Promise.reject(new Error('no route'))]
])('it rejects if connect %s', async (_, connect) => {
  const clock = new FakeClock()
  await expect(openDuplex(connect, clock, 100).duplex).rejects.toThrow('no route')
  expect(clock.liveTimers).toBe(0)
})

test('a duplex that opens after the deadline is destroyed', async () => {
  const clock = new FakeClock()
  const duplex = createDuplex()
  let open = (_: Duplex) => {}
  const connect = () => new Promise<Duplex>((resolve) => (open = resolve))
  const opening = expect(openDuplex(connect, clock, 100).duplex).rejects.toMatchObject({ code: 'LINK_TIMEOUT' })
  await clock.advance(100)
  await opening
  open(duplex)
  await turns(5)
  expect(duplex.destroyed).toBe(true)
})

test('a duplex that nobody waits for any longer is destroyed when it opens, and the wait ends', async () => {
  const clock = new FakeClock()
  const duplex = createDuplex()
  let open = (_: Duplex) => {}
  const opening = openDuplex(() => new Promise<Duplex>((resolve) => (open = resolve)), clock, 100)
  const ended = expect(opening.duplex).rejects.toMatchObject({ code: 'ABORTED' })
  opening.abandon()
  await ended
  open(duplex)
  await turns(5)
  expect([duplex.destroyed, clock.liveTimers]).toEqual([true, 0])
})
