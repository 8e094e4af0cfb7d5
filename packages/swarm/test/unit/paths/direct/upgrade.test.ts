/** How a connection gets a direct path, against a WebRTC in memory. */
import { expect, test } from 'vitest'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { FRAME_KIND } from '../../../../src/paths/frame-reader.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'
import { setUpUpgrade as setUp } from '../../../support/upgrade.js'

test('one side asks, the leader offers, candidates trickle both ways, and both sides move', async () => {
  const { net, one, other, isDirect } = setUp()
  await until(isDirect)
  expect(net.made.map(({ remote }) => remote.map(({ type }) => type)).sort()).toEqual([['answer'], ['offer']])
  await until(() => net.made.every(({ candidates }) => candidates.length === 1))
  for (const { stats, places } of [one, other]) {
    expect(stats).toMatchObject({ attempts: 1, opened: 1, failed: 0, lost: 0, refused: 0 })
    expect(places).toBe(0)
  }
})

test('a path that failed is left at once, and another one opened a second later; its place is free meanwhile', async () => {
  const { net, clock, one, other, isDirect, ends } = setUp()
  await until(isDirect)
  net.made[0]?.fail()
  await until(() => ends.every((end) => end.isOnFirstPath))
  expect([one.places, other.places]).toEqual([1, 1])
  expect(net.made.every(({ isClosed }) => isClosed)).toBe(true)
  await clock.advance(999)
  expect(net.made.length).toBe(2)
  await clock.advance(2)
  await until(isDirect)
  expect([one.stats.lost, one.stats.opened]).toEqual([1, 2])
})

test('the loss of the first path is reported while the direct one lives on', async () => {
  const { rawStreams, one, other, isDirect, ends } = setUp()
  await until(isDirect)
  rawStreams[0].destroy(null)
  await until(() => one.baseLost === 1 && other.baseLost === 1)
  expect([isDirect(), ends[0].destroying, one.stats.lost]).toEqual([true, false, 0])
})

test('a side that can be dialled again tells the other over the direct path', async () => {
  const { rawStreams, one, other, isDirect, answerer } = setUp()
  await until(isDirect)
  rawStreams[0].destroy(null)
  await until(() => other.baseLost === 1)
  answerer?.tellReachable()
  await until(() => one.reachable === 1)
  expect([other.reachable, one.stats.refused]).toEqual([0, 0])
})

test('attempts that come to nothing become rarer', async () => {
  const net = new FakeRtcNet()
  net.isReachable = false
  const { clock, one } = setUp({ net })
  const times: number[] = []
  for (let minutes = 0; minutes < 60; minutes++) {
    await clock.advance(60_000)
    times.push(one.stats.attempts)
  }
  expect(one.stats.failed).toBeGreaterThan(5)
  // Each takes 15 s, and the waits double up to 10 minutes.
  expect(one.stats.attempts).toBeLessThan(16)
  expect(times.at(-1)).toBeGreaterThan(times.at(-25) ?? 0)
})

test('a peer that the asking side does not want is not asked', async () => {
  const { net, clock, one, other } = setUp({ isWanted: [false, true] })
  await clock.advance(60_000)
  expect([net.made.length, one.stats.attempts, other.stats.attempts]).toEqual([0, 0, 0])
  one.isWanted = true
  await clock.advanceUntil(() => one.stats.opened === 1)
})

test('a peer that the other side does not want gets a refusal without an address, and asks again in 10 minutes', async () => {
  const { net, clock, one, other } = setUp({ isWanted: [true, false] })
  await until(() => one.stats.failed === 1)
  expect([net.made.length, one.stats.attempts, other.stats.attempts]).toEqual([0, 1, 0])
  await clock.advance(599_000)
  expect(one.stats.attempts).toBe(1)
  other.isWanted = true
  await clock.advanceUntil(() => one.stats.opened === 1)
})

test.each([0, 1])(
  'without a place for a peer connection at side %i there is no path, until one is free',
  async (index) => {
    const { clock, one, other } = setUp({ places: index === 0 ? [0, 1] : [1, 0] })
    await clock.advance(30_000)
    expect([one.stats.opened, (index === 0 ? one : other).stats.attempts]).toEqual([0, 0])
    const side = index === 0 ? one : other
    side.places = 1
    await clock.advanceUntil(() => one.stats.opened === 1)
  }
)

test('the place of a connection is free when it has closed, whether there was a path or not', async () => {
  const { ends, one, other, isDirect, clock } = setUp()
  await until(isDirect)
  ends[0].destroy()
  await until(() => ends[1].destroyed)
  await turns()
  await clock.advance(20_000)
  expect([one.places, other.places]).toEqual([1, 1])
  expect(clock.liveTimers).toBe(0)
})

test('messages have at most the size that the other side takes, and 72 KiB', async () => {
  for (const [maxMessageSize, most] of [
    [262_144, 73_728],
    [16_384, 16_384],
    [null, 16_384]
  ] as const) {
    const net = new FakeRtcNet()
    net.maxMessageSize = maxMessageSize
    const { ends, isDirect } = setUp({ net })
    await until(isDirect)
    ends[1].resume()
    ends[0].write(new Uint8Array(200_000))
    await until(() => ends[1].bytesReceived === 200_000)
    expect(Math.max(...net.made.flatMap(({ channel }) => channel.sizes))).toBe(most)
  }
})

test('a channel that is full makes the writer wait until it has room', async () => {
  const { net, ends, isDirect } = setUp()
  await until(isDirect)
  ends[1].resume()
  ends[0].write(new Uint8Array(1))
  await until(() => ends[1].bytesReceived === 1)
  // Either side may have made its peer connection first: the writer's is the one that has sent data.
  const channel = net.made.map((made) => made.channel).find(({ kinds }) => kinds.includes(FRAME_KIND.data))
  if (channel === undefined) throw new Error('there is no channel')
  channel.held = []
  // Acknowledgements of the other side still come, so the window is not the limit.
  for (let i = 0; i < 40; i++) ends[0].write(new Uint8Array(65_535))
  await turns()
  expect(channel.bufferedAmount).toBeLessThan(1024 * 1024 + 73_728)
  for (let i = 0; ends[1].bytesReceived < 1 + 40 * 65_535; i++) {
    if (i > 100) throw new Error('it does not go on')
    channel.flush()
    await turns(5)
  }
})
