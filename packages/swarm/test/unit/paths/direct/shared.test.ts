/** How several connections between two hosts share a peer connection, and what a hostile host can do to those of others. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { PeerConnections } from '../../../../src/paths/direct/peer-connections.js'
import { encodeSignal, type Signal } from '../../../../src/paths/direct/signals.js'
import { Upgrade } from '../../../../src/paths/direct/upgrade.js'
import type { PathStream } from '../../../../src/paths/path-stream.js'
import { createStats, type DirectStats } from '../../../../src/util/stats.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'
import { pathStreams } from '../../../support/memory-paths.js'

/** A connection between two hosts. The one that asks is its first end. */
interface Link {
  readonly ends: [PathStream, PathStream]
  readonly stats: [DirectStats, DirectStats]
}

function setUp() {
  const net = new FakeRtcNet()
  const clock = new FakeClock()
  const made: Link[] = []
  onTestFinished(() => {
    for (const { ends } of made) for (const end of ends) end.destroy()
  })
  const begin = (stream: PathStream, pool: PeerConnections, isAsker: boolean): DirectStats => {
    const stats = createStats().direct
    new Upgrade(stream, isAsker, {
      ...{ pool, clock, stats },
      peer: new Uint8Array(32),
      onPath() {},
      onBaseLost() {},
      onSpare() {},
      onReachable() {},
      isWanted: () => true,
      takePlace: () => true,
      freePlace() {},
      isAllowed: () => true,
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    })
    return stats
  }
  const connect = (asking: PeerConnections, asked: PeerConnections): Link => {
    const { ends } = pathStreams(clock, made.length + 1)
    const link: Link = { ends, stats: [begin(ends[0], asking, true), begin(ends[1], asked, false)] }
    made.push(link)
    return link
  }
  /** One whose other end is the test, which sends what it likes. */
  const connectForged = (asking: PeerConnections) => {
    const { ends } = pathStreams(clock, 50 + made.length)
    const stats = begin(ends[0], asking, true)
    made.push({ ends, stats: [stats, stats] })
    const signal = (type: Signal['type'], text = '', attempt = 1) =>
      ends[1].sendSignal(encodeSignal({ type, attempt, index: 0, text }))
    return { ends, stats, signal }
  }
  const open = () => net.made.filter(({ isClosed }) => !isClosed)
  return { net, clock, made, connect, connectForged, open }
}

const isDirect = ({ ends }: Link) => ends.every((end) => !end.isOnFirstPath)

/** Two hosts. The second leads. */
function hosts(): [PeerConnections, PeerConnections] {
  const both = [new PeerConnections(true), new PeerConnections(true)]
  return both.sort((one, other) => (one.hostId < other.hostId ? -1 : 1)) as [PeerConnections, PeerConnections]
}

/** Sends some bytes each way, and waits for them. */
async function exchange({ ends }: Link): Promise<void> {
  for (const end of ends) end.resume()
  const before = ends.map((end) => end.bytesReceived)
  for (const end of ends) end.write(new Uint8Array(1000))
  await until(() => ends.every((end, index) => end.bytesReceived === (before[index] ?? 0) + 1000))
}

test('connections that begin at the same moment, asked for by either side, share one peer connection', async () => {
  const { net, connect } = setUp()
  const [one, other] = hosts()
  const links = [connect(one, other), connect(other, one), connect(one, other), connect(other, one)]
  await until(() => links.every(isDirect))
  for (const link of links) await exchange(link)
  // One object for each of its ends.
  expect(net.made.length).toBe(2)
  expect(net.made.map(({ channels }) => channels.length)).toEqual([4, 4])
  for (const { stats } of links)
    for (const each of stats) expect(each).toMatchObject({ attempts: 1, opened: 1, failed: 0, refused: 0 })
})

test('it closes when the last connection has left, whichever was the first', async () => {
  const { connect, open } = setUp()
  const [one, other] = hosts()
  const links = [connect(one, other), connect(other, one), connect(one, other)] as const
  await until(() => links.every(isDirect))
  for (const link of links) {
    expect(open().length).toBe(2)
    await exchange(link)
    link.ends[0].destroy()
    await until(() => link.ends[1].destroyed)
  }
  await until(() => open().length === 0)
  const next = connect(one, other)
  await until(() => isDirect(next))
})

test('a channel that dies takes no other with it, and its connection gets another one', async () => {
  const { net, clock, connect } = setUp()
  const [one, other] = hosts()
  const links = [connect(one, other), connect(one, other), connect(one, other)] as const
  await until(() => links.every(isDirect))
  net.made[0]?.channels[1]?.close()
  await until(() => links.filter(isDirect).length === 2)
  for (const link of links) await exchange(link)
  await clock.advance(1100)
  await until(() => links.every(isDirect))
  expect(net.made.map(({ channels }) => channels.length)).toEqual([4, 4])
  expect(links.map(({ stats }) => stats[0].lost).sort()).toEqual([0, 0, 1])
})

test('one that fails takes all to their first paths, and they share the next one', async () => {
  const { net, clock, connect, open } = setUp()
  const [one, other] = hosts()
  const links = [connect(one, other), connect(other, one), connect(one, other)]
  await until(() => links.every(isDirect))
  net.made[0]?.fail()
  await until(() => links.every(({ ends }) => ends.every((end) => end.isOnFirstPath)))
  await clock.advance(1100)
  await until(() => links.every(isDirect))
  expect([net.made.length, open().length]).toEqual([4, 2])
})

test('nobody joins one on which a path went silent, and those whose paths work stay on it', async () => {
  const { net, clock, connect, open } = setUp()
  const [one, other] = hosts()
  const [silent, working] = [connect(one, other), connect(one, other)]
  await until(() => isDirect(silent) && isDirect(working))
  for (const { channel } of net.made) {
    channel.send = () => {}
    channel.onmessage = null
  }
  await clock.advance(5000)
  const late = connect(one, other)
  await clock.advance(2000)
  await until(() => [silent, working, late].every(isDirect))
  for (const link of [silent, working, late]) await exchange(link)
  expect([net.made.length, open().length, working.stats[0].lost]).toEqual([4, 4, 0])
})

test('a connection that waits for one that never opens makes its own', async () => {
  const { net, clock, connect } = setUp()
  const [one, other] = hosts()
  net.isReachable = false
  const first = connect(one, other)
  await until(() => net.made.length === 2)
  const second = connect(one, other)
  await turns()
  expect(net.made.length).toBe(2)
  net.isReachable = true
  first.ends[0].destroy()
  await until(() => isDirect(second))
  expect(net.made.length).toBe(4)
  await clock.advance(20_000)
  expect(isDirect(second)).toBe(true)
})

// The peer connection had just closed, and the event that says so was still to come: the exception of WebRTC came out of the
// handling of a message of the peer, and destroyed the application's connection.
test('a channel that cannot be opened costs the attempt, not the connection nor those of others', async () => {
  const { net, clock, connect } = setUp()
  const [one, other] = hosts()
  const first = connect(one, other)
  await until(() => isDirect(first))
  for (const made of net.made) made.canOpenChannels = false
  const joining = connect(one, other)
  await until(() => joining.stats[0].failed === 1)
  await exchange(joining)
  await exchange(first)
  expect(joining.ends.map((end) => end.destroying)).toEqual([false, false])
  for (const made of net.made) made.canOpenChannels = true
  await clock.advance(1100)
  await until(() => isDirect(joining))
  expect(isDirect(first)).toBe(true)
})

test('a first channel that cannot be opened costs the attempt only, at both sides', async () => {
  const { net, clock, connect } = setUp()
  const [one, other] = hosts()
  net.canOpenChannels = false
  // The leader makes its channel first; it is asked, and asks.
  const links = [connect(one, other), connect(other, one)]
  await until(() => links.every(({ stats }) => stats.some(({ failed }) => failed > 0)))
  for (const link of links) await exchange(link)
  net.canOpenChannels = true
  await clock.advance(17_000)
  await until(() => links.every(isDirect))
})

// Each of those that waited made a peer connection with the rest of its own time, one after the other.
test('those that wait for one which cannot open fail with it, and share the next one', async () => {
  const { net, clock, connect } = setUp()
  const [one, other] = hosts()
  net.isReachable = false
  const links = [connect(one, other)]
  await until(() => net.made.length === 2)
  await clock.advance(5000)
  links.push(connect(one, other), connect(other, one), connect(one, other))
  await turns()
  await clock.advance(10_500)
  expect(net.made.length).toBe(2)
  // The second end is that of the leader, which also asked for the third.
  expect(links.map(({ stats }, index) => stats[index === 2 ? 0 : 1].failed)).toEqual([1, 1, 1, 1])
  net.isReachable = true
  await clock.advanceUntil(() => links.every(isDirect))
  expect(net.made.length).toBe(4)
})

// A host that had fallen asleep took each new connection to it for the 15 s of an attempt.
test('nobody joins one whose hosts have lost each other, until they have found each other', async () => {
  const { net, connect } = setUp()
  const [one, other] = hosts()
  const first = connect(one, other)
  await until(() => isDirect(first))
  const interrupted = [...net.made]
  for (const made of interrupted) made.changeState('disconnected')
  const second = connect(one, other)
  await until(() => isDirect(second))
  expect(interrupted.map(({ channels }) => channels.length)).toEqual([1, 1])
  for (const made of interrupted) made.changeState('connected')
  const third = connect(one, other)
  await until(() => isDirect(third))
  expect(net.made.map(({ channels }) => channels.length)).toEqual([2, 2, 1, 1])
})

// Its signals go over the first connection, which was kept with its buffers as long as there was another one.
test('one does not keep the connection that it was made for, when that has left', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { connect, made } = setUp()
  const [one, other] = hosts()
  const begin = async () => {
    const first = connect(one, other)
    await until(() => isDirect(first))
    return first
  }
  const joined = await (async () => {
    const first = await begin()
    const second = await begin()
    for (const end of first.ends) end.destroy()
    await until(() => first.ends.every((end) => end.destroyed))
    made.splice(made.indexOf(first), 1)
    return { second, first: first.ends.map((end) => new WeakRef(end)) }
  })()
  await until('the first to be collected', () => {
    collect()
    return joined.first.every((end) => end.deref() === undefined)
  })
  await exchange(joined.second)
  expect(isDirect(joined.second)).toBe(true)
})

test('at most 128 connections are on one; the next ones share another', async () => {
  const { net, connect } = setUp()
  const [one, other] = hosts()
  const links = Array.from({ length: 130 }, () => connect(one, other))
  await until(() => links.every(isDirect))
  expect(net.made.map(({ channels }) => channels.length)).toEqual([128, 128, 2, 2])
})

test.each<[string, () => [PeerConnections, PeerConnections]]>([
  ['one side shares nothing', () => [new PeerConnections(true), new PeerConnections(false)]],
  ['the other side shares nothing', () => [new PeerConnections(false), new PeerConnections(true)]],
  [
    'both ends are on the same host',
    () => {
      const host = new PeerConnections(true)
      return [host, host]
    }
  ]
])('each connection has its own if %s', async (_, make) => {
  const { net, connect } = setUp()
  const [one, other] = make()
  const links = [connect(one, other), connect(other, one), connect(one, other)]
  await until(() => links.every(isDirect))
  for (const link of links) await exchange(link)
  expect(net.made.length).toBe(6)
})

describe('a hostile host', () => {
  test('that goes by the id of another one cannot be on its peer connection, nor keep others from it', async () => {
    const { net, clock, connect, connectForged, open } = setUp()
    const [one, other] = hosts()
    const honest = connect(other, one)
    await until(() => isDirect(honest))
    const forged = connectForged(other)
    forged.signal('ready', one.hostId)
    await turns()
    // It was asked to join, and cannot open a channel there. It claims that nothing fits, or keeps silent.
    expect(net.made.length).toBe(2)
    await clock.advance(16_000)
    await until(() => forged.stats.failed === 1)
    expect(forged.ends[0].isOnFirstPath).toBe(true)
    const next = connect(other, one)
    await until(() => isDirect(next))
    await exchange(honest)
    expect(open().length).toBe(2)
  })

  test('that had the id before its owner gets the owner a second try, on another peer connection', async () => {
    const { net, clock, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const forged = connectForged(other)
    forged.signal('ready', one.hostId)
    await until(() => net.made.length === 1)
    const stranger = new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    forged.signal('answer', 'v=1')
    await until(() => net.made[1]?.channel.readyState === 'open')
    const honest = connect(other, one)
    await until(() => honest.stats[1].failed === 1)
    await clock.advance(1100)
    await until(() => isDirect(honest))
    expect(stranger).toBe(net.made[1])
    expect(honest.stats[0].opened).toBe(1)
  })

  test('cannot join by repeating what another connection was told', async () => {
    const { net, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const honest = connect(one, other)
    await until(() => isDirect(honest))
    const descriptions = [net.made[0]?.remote[0]?.sdp ?? '', net.made[1]?.remote[0]?.sdp ?? ''].sort()
    const forged = connectForged(one)
    // Made with the keys of the other connection.
    forged.signal('join', honest.ends[1].bindingOf('ours', descriptions))
    await until(() => forged.stats.failed === 1)
    expect(net.made.map(({ channels }) => channels.length)).toEqual([1, 1])
  })

  test('that takes the id of another one again and again, and never opens, keeps it waiting twice only', async () => {
    const { net, clock, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const stall = () => connectForged(other).signal('ready', one.hostId)
    stall()
    await until(() => net.made.length === 1)
    const honest = connect(other, one)
    for (let i = 0; i < 20; i++) {
      await clock.advance(5000)
      stall()
      await turns()
    }
    expect([isDirect(honest), honest.stats[1].failed]).toEqual([true, 2])
  })

  test('that opens any number of channels which nobody expects loses the peer connection, and no data', async () => {
    const { net, clock, connect } = setUp()
    const [one, other] = hosts()
    const links = [connect(one, other), connect(other, one)]
    await until(() => links.every(isDirect))
    for (let i = 0; i < 257; i++) net.made[0]?.createDataChannel(`${i}`)
    await until(() => links.every(({ ends }) => ends.every((end) => end.isOnFirstPath)))
    for (const link of links) await exchange(link)
    await clock.advance(1100)
    await until(() => links.every(isDirect))
    for (const link of links) await exchange(link)
  })

  test('that opens channels which nobody expects has them closed', async () => {
    const { net, connect } = setUp()
    const [one, other] = hosts()
    const link = connect(one, other)
    await until(() => isDirect(link))
    const channel = net.made[0]?.createDataChannel('whatever')
    await until(() => channel?.readyState === 'closed')
    await exchange(link)
  })

  test('that offers, answers and joins out of turn changes nothing', async () => {
    const { net, connect } = setUp()
    const [one, other] = hosts()
    const link = connect(one, other)
    await until(() => isDirect(link))
    for (const type of ['ready', 'offer', 'answer', 'join'] as const)
      for (const end of link.ends) end.sendSignal(encodeSignal({ type, attempt: 1, index: 0, text: 'v=0' }))
    await turns()
    await exchange(link)
    expect([isDirect(link), net.made.length]).toEqual([true, 2])
    expect(net.made.map(({ remote }) => remote.length)).toEqual([1, 1])
  })
})
