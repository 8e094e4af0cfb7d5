import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import type { Connect } from '../../../../src/index.js'
import { Tries } from '../../../../src/uplink/tries/tries.js'
import { settleUplink } from '../../../../src/verify-options.js'

function setUp() {
  const clock = new FakeClock()
  const attempts: Connect[] = []
  const state = { isTrying: true }
  const connect: Connect = () => Promise.reject(new Error('not in this test'))
  const settings = settleUplink({ connect, clock, random: () => 0.5, reconnectMinMs: 1000 })
  const tries = new Tries(settings, {
    holder: () => null,
    graceLeftMs: () => 0,
    isTrying: () => state.isTrying,
    attempt: (to) => void attempts.push(to),
    server: () => null,
    isIdle: () => true,
    move: () => {}
  })
  return { attempts, clock, connect, state, tries }
}

// The network flickered while an attempt was made: the try that was planned for it dropped the link that came meanwhile.
test('a try that was planned during an attempt ends with its success', async () => {
  const { attempts, clock, connect, tries } = setUp()
  tries.start()
  tries.wake()
  await clock.advance(2000)
  tries.wake()
  for (let i = 0; i < 2; i++) {
    await clock.advance(1100)
    tries.wake()
  }
  expect(tries.leftMs).not.toBeNull()
  const before = attempts.length
  tries.welcomed(connect, false)
  expect(tries.leftMs).toBeNull()
  await clock.advance(60_000)
  expect(attempts).toHaveLength(before)
})

test('a server that has asked for time, or has refused, may not be tried until it is wanted', async () => {
  const { clock, connect, tries } = setUp()
  tries.failed(connect, new ProxyError('SERVER_BUSY', 'busy', { retryAfterMs: 4000 }))
  expect([tries.mayTry(connect), tries.lastCode(connect)]).toEqual([false, 'SERVER_BUSY'])
  await clock.advance(4500)
  expect(tries.mayTry(connect)).toBe(true)
  tries.failed(connect, new ProxyError('AUTH_DENIED', 'banned', { retryable: false }))
  expect(tries.mayTry(connect)).toBe(false)
  tries.welcomed(connect, false)
  expect(tries.lastCode(connect)).toBeNull()
})

// A client of one server that restarted within a second was without it for half a minute.
test('a server that is about to stop is tried at once if there is no other', () => {
  const { connect, tries } = setUp()
  expect(tries.leave(connect, 30_000)).toBeNull()
  expect(tries.mayTry(connect)).toBe(true)
})

// Two servers that sent their clients to each other kept them moving, as fast as they could greet, for ever.
test('a client that is sent away again and again waits longer each time', async () => {
  const { clock, tries } = setUp()
  const waits: number[] = []
  for (let i = 0; i < 5; i++) {
    const waitMs = tries.sentAway()
    waits.push(waitMs)
    await clock.advance(waitMs)
  }
  expect(waits).toEqual([0, 750, 750, 2250, 3750])
  await clock.advance(120_000)
  expect(tries.sentAway()).toBe(0)
})
