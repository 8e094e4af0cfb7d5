import { expect, test } from 'vitest'
import { CLIENT_REQUESTS } from '../../../../proxy-protocol/src/index.js'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import type { Channel } from '../../../src/node/channel.js'
import { DirectReports } from '../../../src/node/direct-reports.js'

/** A channel whose session remembers the reports that it is given. */
function setUp() {
  const clock = new FakeClock()
  const reports: Uint8Array[] = []
  const session = {
    attached: true,
    request: async (_op: number, body: Uint8Array) => {
      reports.push(body)
      return new Uint8Array(0)
    },
    onUnreadable: () => {}
  }
  const channel = { session } as unknown as Channel
  const stats = { current: 0, bytesSent: 0, attempts: 0, opened: 0, failed: 0, lost: 0, regained: 0, refused: 0 }
  const direct = new DirectReports(channel, clock, stats)
  const told = () => reports.map((body) => CLIENT_REQUESTS.DIRECT_REPORT.body.decode(body))
  return { clock, direct, session, stats, told }
}

test('a client reports once a minute what is new, and nothing when nothing is', async () => {
  const { clock, direct, stats, told } = setUp()
  await clock.advance(600_000)
  expect(told()).toEqual([])
  Object.assign(stats, { current: 1, opened: 1, bytesSent: 1000 })
  direct.begin()
  direct.begin()
  await clock.advance(60_000)
  await clock.advance(60_000)
  stats.bytesSent = 1500
  await clock.advance(60_000)
  await until('they are sent', () => told().length === 2)
  expect(told()).toEqual([
    { connections: 1, bytes: 1000 },
    { connections: 0, bytes: 500 }
  ])
  stats.current = 0
  await clock.advance(60_000)
  expect(clock.liveTimers).toBe(0)
})

test('without a link the report waits for the next one, and after the end there is none', async () => {
  const { clock, direct, session, stats, told } = setUp()
  Object.assign(stats, { current: 1, opened: 2, bytesSent: 70 })
  session.attached = false
  direct.begin()
  await clock.advance(180_000)
  expect(told()).toEqual([])
  session.attached = true
  await clock.advance(60_000)
  expect(told()).toEqual([{ connections: 2, bytes: 70 }])
  direct.stop()
  direct.begin()
  expect(clock.liveTimers).toBe(0)
})
