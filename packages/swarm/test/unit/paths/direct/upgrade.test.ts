/** How a connection gets a direct path, against a WebRTC in memory, and what a hostile peer can do to it. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { PeerConnections } from '../../../../src/paths/direct/peer-connections.js'
import { encodeSignal, type Signal } from '../../../../src/paths/direct/signals.js'
import { Upgrade, type UpgradeContext } from '../../../../src/paths/direct/upgrade.js'
import { FRAME_KIND } from '../../../../src/paths/frame-reader.js'
import { createStats, type DirectStats } from '../../../../src/util/stats.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'
import { pathStreams } from '../../../support/memory-paths.js'

interface Side {
  readonly stats: DirectStats
  isWanted: boolean
  places: number
  baseLost: number
  reachable: number
}

/** Two ends with direct paths; the first asks. Without an answerer, the test answers for it, so that the first leads. */
function setUp(
  options: { net?: FakeRtcNet; hasAnswerer?: boolean; isWanted?: [boolean, boolean]; places?: number[] } = {}
) {
  const { net = new FakeRtcNet(), hasAnswerer = true, isWanted = [true, true], places = [1, 1] } = options
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  onTestFinished(() => {
    for (const end of streams.ends) end.destroy()
  })
  const sides = isWanted.map(
    (wanted, index): Side => ({
      stats: createStats().direct,
      isWanted: wanted,
      places: places[index] ?? 0,
      baseLost: 0,
      reachable: 0
    })
  )
  const begin = (index: 0 | 1) => {
    const side = sides[index] as Side
    const context: UpgradeContext = {
      pool: new PeerConnections(true),
      clock,
      stats: side.stats,
      peer: new Uint8Array(32),
      onPath: () => {},
      onBaseLost: () => side.baseLost++,
      onSpare: () => {},
      onReachable: () => side.reachable++,
      isWanted: () => side.isWanted,
      takePlace: () => side.places > 0 && side.places-- > 0,
      freePlace: () => side.places++,
      isAllowed: (candidate) => !candidate.includes('10.0.0.1'),
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    }
    return new Upgrade(streams.ends[index], index === 0, context)
  }
  const answerer = hasAnswerer ? begin(1) : null
  begin(0)
  const [one, other] = sides as [Side, Side]
  const isDirect = () => streams.ends.every((end) => !end.isOnFirstPath)
  const signal = (given: Partial<Signal>) =>
    streams.ends[1].sendSignal(encodeSignal({ type: 'candidate', attempt: 1, index: 0, text: '', ...given }))
  if (!hasAnswerer) signal({ type: 'ready' })
  return { ...streams, net, clock, one, other, isDirect, signal, answerer }
}

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

describe('a hostile peer', () => {
  test('that sends descriptions or candidates that are too long, or nonsense, is refused', async () => {
    const { one, signal, ends } = setUp({ hasAnswerer: false })
    signal({ type: 'answer', text: 'x'.repeat(8193) })
    signal({ text: 'x'.repeat(513) })
    ends[1].sendSignal(new Uint8Array(3))
    ends[1].sendSignal(Uint8Array.of(77, 1, 0, 0, 0, 0))
    signal({ type: 'ask', attempt: 9 })
    await until(() => one.stats.refused === 5)
    expect(one.stats.failed).toBe(0)
  })

  test('whose description WebRTC refuses ends the attempt only', async () => {
    const { one, signal, ends } = setUp({ hasAnswerer: false })
    signal({ type: 'answer', text: 'nonsense' })
    await until(() => one.stats.failed === 1)
    expect(one.places).toBe(1)
    expect(ends[0].destroying).toBe(false)
  })

  // A page would have received and decoded them.
  test.each([
    'm=audio 9 UDP/DTLS/RTP 111',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nm=video 9 UDP/DTLS/RTP 96',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ' m=audio 9 UDP/DTLS/RTP 111'
  ])('whose description has other than one data section ends the attempt only: %j', async (sections) => {
    const { net, one, signal, ends } = setUp({ hasAnswerer: false })
    signal({ type: 'answer', text: `v=9\r\n${sections}\r\n` })
    await until(() => one.stats.failed === 1)
    expect(net.made[0]?.remote).toEqual([])
    expect([one.places, ends[0].destroying]).toEqual([1, false])
  })

  test('that names too many candidates is refused, those in a description included', async () => {
    const { net, one, signal } = setUp({ hasAnswerer: false })
    const line = 'a=candidate:1 1 UDP 1 203.0.114.7 9 typ host\r\n'
    signal({ type: 'answer', text: `v=9\r\n${line.repeat(40)}` })
    for (let i = 0; i < 20; i++) signal({ text: `candidate:${i}` })
    await until(() => one.stats.refused === 12)
    expect(net.made[0]?.candidates.length).toBe(48)
    expect(net.made[0]?.remote[0]?.sdp).toBe('v=9\r\n')
  })

  test('that names an address that is not allowed is not followed, wherever it names it', async () => {
    const { net, signal } = setUp({ hasAnswerer: false })
    const inside = 'candidate:1 1 UDP 1 10.0.0.1 9 typ host'
    signal({ type: 'answer', text: `v=9\r\na=${inside}\r\n` })
    signal({ text: inside })
    signal({ text: 'candidate:2 1 UDP 1 203.0.114.7 9 typ host' })
    await until(() => net.made[0]?.candidates.length === 1)
    expect(net.made[0]?.candidates[0]).toContain('203.0.114.7')
    expect(net.made[0]?.remote[0]?.sdp).not.toContain('10.0.0.1')
  })

  test('that floods us with signals is answered no more than ten a second', async () => {
    const { one, clock, signal } = setUp({ hasAnswerer: false })
    // With the one that let us lead.
    for (let i = 0; i < 299; i++) signal({ type: 'refusal', attempt: 99 })
    await until(() => one.stats.refused === 100)
    await clock.advance(1000)
    for (let i = 0; i < 20; i++) signal({ type: 'refusal', attempt: 99 })
    await until(() => one.stats.refused === 110)
  })

  test('that asks again and again costs us five peer connections, then one in five seconds', async () => {
    const net = new FakeRtcNet()
    const clock = new FakeClock()
    const streams = pathStreams(clock)
    const stats = createStats().direct
    let places = 1
    new Upgrade(streams.ends[1], false, {
      pool: new PeerConnections(true),
      clock,
      stats,
      peer: new Uint8Array(32),
      onPath: () => {},
      onBaseLost: () => {},
      onSpare: () => {},
      onReachable: () => {},
      isWanted: () => true,
      takePlace: () => places > 0 && places-- > 0,
      freePlace: () => places++,
      isAllowed: () => true,
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    })
    for (let attempt = 1; attempt <= 30; attempt++)
      streams.ends[0].sendSignal(encodeSignal({ type: 'ask', attempt, index: 0, text: '' }))
    await until(() => stats.refused === 25)
    expect(net.made.length).toBe(5)
    expect(net.made.filter(({ isClosed }) => !isClosed).length).toBe(1)
    // One that was seen before, and those with a number of other paths: the first, a replacement of it.
    await clock.advance(20_000)
    for (const attempt of [3, 0, 2 ** 31, 2 ** 32 - 1])
      streams.ends[0].sendSignal(encodeSignal({ type: 'ask', attempt, index: 0, text: '' }))
    await until(() => stats.refused === 29)
    expect(net.made.length).toBe(5)
    for (const end of streams.ends) end.destroy()
  })

  test('that opens a channel and proves nothing gets no data, and the attempt ends', async () => {
    const { net, clock, one, signal, ends } = setUp({ hasAnswerer: false })
    await until(() => net.made.length === 1)
    const stranger = new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    signal({ type: 'answer', text: 'v=1' })
    await until(() => net.made[1]?.channel.readyState === 'open')
    ends[0].write(new Uint8Array(10))
    await clock.advance(10_000)
    // A hello.
    expect(net.made[0]?.channel.sizes.length).toBe(1)
    expect(ends[0].isOnFirstPath).toBe(true)
    await clock.advance(6000)
    expect(one.stats).toMatchObject({ failed: 1, opened: 0 })
    expect(stranger).toBe(net.made[1])
  })
})

describe('a server in the middle', () => {
  const isControl = (chunk: Uint8Array) => chunk[3] === 1

  test('that changes the signalling, such as fingerprints in it, gets a proxied connection and a counted refusal', async () => {
    const { one, other, ends, rawStreams, clock } = setUp()
    for (const raw of rawStreams)
      raw.tamper = (chunk) => {
        const changed = Uint8Array.from(chunk)
        if (isControl(chunk)) changed[chunk.byteLength - 20] = (chunk.at(-20) ?? 0) ^ 1
        return [changed]
      }
    await until(() => other.stats.refused > 0)
    await clock.advance(20_000)
    ends[1].resume()
    ends[0].write(new Uint8Array(1000))
    await until(() => ends[1].bytesReceived === 1000)
    expect(ends.every((end) => end.isOnFirstPath)).toBe(true)
    expect(one.stats).toMatchObject({ opened: 0, failed: 1 })
  })

  test('that replays an old offer, with all that followed it, achieves nothing', async () => {
    const { one, other, ends, rawStreams, isDirect, net } = setUp()
    const recorded: Uint8Array[] = []
    const [fromOfferer] = rawStreams
    fromOfferer.tamper = (chunk) => {
      if (isControl(chunk)) recorded.push(Uint8Array.from(chunk))
      return [chunk]
    }
    await until(isDirect)
    expect(recorded.length).toBeGreaterThan(0)
    for (const chunk of recorded) rawStreams[1].push(chunk)
    await until(() => other.stats.refused === recorded.length)
    expect([net.made.length, one.stats.lost, ends[0].destroying]).toEqual([2, 0, false])
    expect(isDirect()).toBe(true)
  })
})
