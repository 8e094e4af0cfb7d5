/** What a hostile peer, or a server between two peers, can do to the opening of a direct path. */
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../../runtime/test/support/until.js'
import { PeerConnections } from '../../../../src/paths/direct/peer-connections.js'
import { Upgrade } from '../../../../src/paths/direct/upgrade.js'
import { createStats } from '../../../../src/util/stats.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'
import { pathStreams } from '../../../support/memory-paths.js'
import { setUpUpgrade as setUp } from '../../../support/upgrade.js'

describe('a hostile peer', () => {
  test('that sends descriptions or candidates that are too long is refused', async () => {
    const { one, signal } = setUp({ hasAnswerer: false })
    signal({ type: 'answer', text: 'x'.repeat(8193) })
    signal({ text: 'x'.repeat(513) })
    signal({ type: 'ask', attempt: 9 })
    await until(() => one.stats.refused === 3)
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
      spare: null,
      isWanted: () => true,
      takePlace: () => places > 0 && places-- > 0,
      freePlace: () => places++,
      isAllowed: () => true,
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    })
    for (let attempt = 1; attempt <= 30; attempt++)
      streams.ends[0].sendSignal({ type: 'ask', attempt, index: 0, text: '' })
    await until(() => stats.refused === 25)
    expect(net.made.length).toBe(5)
    expect(net.made.filter(({ isClosed }) => !isClosed).length).toBe(1)
    // One that was seen before, and those with a number of other paths: the first, a replacement of it.
    await clock.advance(20_000)
    for (const attempt of [3, 0, 2 ** 31, 2 ** 32 - 1])
      streams.ends[0].sendSignal({ type: 'ask', attempt, index: 0, text: '' })
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
    // The first acknowledgement.
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
