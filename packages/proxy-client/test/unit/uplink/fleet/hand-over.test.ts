import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { HandOver } from '../../../../src/uplink/fleet/hand-over.js'

/** A client whose server stops within 10 s. */
function setUp({ isIdle }: { isIdle: boolean }) {
  const clock = new FakeClock()
  const state = { isIdle, gone: [] as ('early' | 'forced')[] }
  const handOver = new HandOver(clock, {
    isIdle: () => state.isIdle,
    go: (isForced) => void state.gone.push(isForced ? 'forced' : 'early')
  })
  handOver.begin(10_000)
  return { clock, handOver, state }
}

// The early one was forced, too: it lost streams that began while the other server was being reached. And if it failed,
// the client stayed until its server was gone.
test('an idle client goes at once, unforced; one that is still there at the latest time is forced, once', async () => {
  const { clock, state } = setUp({ isIdle: true })
  expect(state.gone).toEqual(['early'])
  await clock.advance(6999)
  expect(state.gone).toEqual(['early'])
  await clock.advance(1)
  expect(state.gone).toEqual(['early', 'forced'])
  await clock.advance(60_000)
  expect(state.gone).toEqual(['early', 'forced'])
})

test('a client goes as soon as it is idle', async () => {
  const { clock, state } = setUp({ isIdle: false })
  await clock.advance(1000)
  expect(state.gone).toEqual([])
  state.isIdle = true
  await clock.advance(250)
  expect(state.gone).toEqual(['early'])
})

test('a client that is never idle is forced', async () => {
  const { clock, state } = setUp({ isIdle: false })
  await clock.advance(10_000)
  expect(state.gone).toEqual(['forced'])
})

test('after stop, nobody goes, and nothing is left', async () => {
  const { clock, handOver, state } = setUp({ isIdle: true })
  handOver.stop()
  await clock.advance(10_000)
  expect(state.gone).toEqual(['early'])
  expect(clock.liveTimers).toBe(0)
})

test('a client that has just been sent away stays for the time that is set', async () => {
  const { clock, handOver, state } = setUp({ isIdle: true })
  state.gone = []
  handOver.begin(10_000, 2000)
  await clock.advance(1999)
  expect(state.gone).toEqual([])
  await clock.advance(1)
  expect(state.gone).toEqual(['early'])
  handOver.stop()
})
