import { expect, test } from 'vitest'
import { FakeClock, settle } from '../../../../runtime/test/support/fake-clock.js'
import { Reachability } from '../../../src/network/reachability.js'

/** A network that answers, or not, and what was reported of it. */
function setUp() {
  const clock = new FakeClock()
  const network = { answers: true, asked: 0 }
  const reports: unknown[] = []
  const ask = async () => {
    network.asked++
    if (network.answers) return true
    await new Promise<void>((resolve) => clock.schedule(resolve, 1000))
    return false
  }
  const reachability = new Reachability({
    clock,
    random: () => 0.5,
    ask,
    onOffline: ({ reason }) => reports.push(reason),
    onBack: (wasOffline, hasMoved) => reports.push(hasMoved ? 'moved' : wasOffline)
  })
  return { clock, network, reports, reachability }
}

test('nothing is asked while nothing fails', async () => {
  const { clock, network, reachability } = setUp()
  reachability.onAnswer()
  await clock.advance(3_600_000)
  expect([network.asked, clock.liveTimers]).toEqual([0, 0])
})

test('a network that does not answer twice is gone, and it is asked every two seconds until it answers', async () => {
  const { clock, network, reports, reachability } = setUp()
  network.answers = false
  reachability.suspect()
  await clock.advance(1000)
  expect([reachability.offline, reports]).toEqual([null, []])
  await clock.advance(1000)
  expect([reachability.offline, reports]).toEqual([{ reason: 'NO_ANSWER', nextTryMs: 2000 }, ['NO_ANSWER']])
  const { asked } = network
  await clock.advance(30_000)
  expect(network.asked - asked).toBe(10)
  network.answers = true
  await clock.advance(3000)
  expect([reachability.offline, reports, clock.liveTimers]).toEqual([null, ['NO_ANSWER', true], 0])
})

// One dead peer after the other fails to answer: the network is not asked each time.
test('failures on a network that answers cost one question in two seconds', async () => {
  const { clock, network, reports, reachability } = setUp()
  for (let i = 0; i < 100; i++) {
    reachability.suspect()
    await clock.advance(100)
  }
  expect([network.asked, reports]).toEqual([5, []])
})

test('an answer to something else ends the outage at once', async () => {
  const { clock, network, reports, reachability } = setUp()
  network.answers = false
  reachability.suspect()
  await clock.advance(2000)
  reachability.onAnswer()
  expect([reachability.offline, reports]).toEqual([null, ['NO_ANSWER', true]])
  await clock.advance(60_000)
  expect(reports).toEqual(['NO_ANSWER', true])
})

// The process was stopped for minutes: nothing failed here, but the others have given us up.
test('after a break the network is back as soon as it answers, although it never was gone', async () => {
  const { network, reports, reachability } = setUp()
  reachability.onBreak()
  await settle()
  expect([network.asked, reports]).toEqual([1, [false]])
})

test('after stop nothing is asked or reported', async () => {
  const { clock, network, reports, reachability } = setUp()
  network.answers = false
  reachability.suspect()
  await clock.advance(500)
  reachability.stop()
  await clock.advance(60_000)
  reachability.suspect()
  reachability.onBreak()
  expect([network.asked, reports, clock.liveTimers]).toEqual([1, [], 0])
  reachability.start()
  reachability.suspect()
  expect(network.asked).toBe(2)
})

test('a move is reported with the first answer from the new address, and only then', async () => {
  const { clock, network, reports, reachability } = setUp()
  network.answers = false
  reachability.onBreak(true)
  await clock.advance(2000)
  expect(reports).toEqual(['NO_ANSWER'])
  network.answers = true
  reachability.onBreak()
  await clock.advance(0)
  reachability.onBreak()
  await clock.advance(0)
  expect(reports).toEqual(['NO_ANSWER', 'moved', false])
})
