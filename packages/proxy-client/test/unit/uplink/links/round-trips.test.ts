/** A client that ended while it measured its servers kept their sockets, and timers, for up to four seconds more. */
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { type Connect, ProxyClient } from '../../../../src/index.js'
import { measureRoundTrips } from '../../../../src/uplink/links/round-trips.js'

/** It opens, and never answers. */
const createSilent = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })

test('an abandoned measurement ends links and attempts, and sets no timer for later', async () => {
  const clock = new FakeClock()
  const silent = createSilent()
  let isAborted = false
  const never: Connect = (signal) => {
    signal?.addEventListener('abort', () => (isAborted = true))
    return new Promise(() => {})
  }
  const { abandon, trips } = measureRoundTrips([() => silent, never], clock)
  // The link pings, and waits for the answer.
  await turns(5)
  abandon()
  expect([...(await trips)]).toEqual([])
  expect([isAborted, silent.destroyed, clock.liveTimers]).toEqual([true, true, 0])
})

test.each([...Array(10).keys()])(
  'a duplex that opens about %i steps before it is abandoned is destroyed',
  async (steps) => {
    const clock = new FakeClock()
    const silent = createSilent()
    const { abandon, trips } = measureRoundTrips([() => silent], clock)
    for (let step = 0; step < steps; step++) await Promise.resolve()
    abandon()
    expect([...(await trips)]).toEqual([])
    await turns(5)
    expect([silent.destroyed, clock.liveTimers]).toEqual([true, 0])
  }
)

test('a client that is destroyed while it measures leaves nothing behind', async () => {
  const clock = new FakeClock()
  const made: Duplex[] = []
  const connect: Connect = async () => {
    const silent = createSilent()
    made.push(silent)
    return silent
  }
  const client = new ProxyClient({ connect: [connect, (signal) => connect(signal)], serverOrder: 'nearest', clock })
  await until('both are measured', () => made.length === 2)
  await turns(5)
  await client.destroy()
  expect([made.map(({ destroyed }) => destroyed), clock.liveTimers]).toEqual([[true, true], 0])
})
