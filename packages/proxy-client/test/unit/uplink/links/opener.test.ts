import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { turns } from '../../../../../runtime/test/support/until.js'
import { Opener } from '../../../../src/uplink/links/opener.js'
import { settleUplink } from '../../../../src/verify-options.js'

// The credentials came after all, and a link was opened for an attempt that was over, even after the client's end.
test('credentials that come when nobody waits for them any longer open nothing', async () => {
  const clock = new FakeClock()
  let opened = 0
  let give = (_: string) => {}
  const connect = () => {
    opened++
    return Promise.reject(new Error('not in this test'))
  }
  const auth = () => new Promise<string>((resolve) => (give = resolve))
  const settings = settleUplink({ connect, auth, clock })
  const opener = new Opener(settings, { timeoutMs: () => 1000, lastError: () => null })
  const ended = expect(opener.open(connect)).rejects.toMatchObject({ code: 'ABORTED' })
  opener.abandon()
  await ended
  give('late')
  await turns(5)
  expect([opened, clock.liveTimers]).toEqual([0, 0])
})

// The attempt had ended between the answer and the turn that used it, and its opening took the place of the next one's.
test('credentials open nothing after the end of the attempt, whenever that comes', async () => {
  for (let ticks = 0; ticks < 20; ticks++) {
    let opened = 0
    let give = (_: string) => {}
    const connect = () => {
      opened++
      return new Promise<never>(() => {})
    }
    const auth = () => new Promise<string>((resolve) => (give = resolve))
    const settings = settleUplink({ connect, auth, clock: new FakeClock() })
    const opener = new Opener(settings, { timeoutMs: () => 1000, lastError: () => null })
    opener.open(connect).catch(() => {})
    await turns(1)
    give('in time')
    for (let i = 0; i < ticks; i++) await null
    const before = opened
    opener.abandon()
    await turns(1)
    expect(opened, `after ${ticks} ticks`).toBe(before)
  }
})
