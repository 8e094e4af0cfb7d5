/** How several connections between two hosts share a peer connection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { PeerConnections } from '../../../../src/paths/direct/peer-connections.js'
import { exchange, hosts, isDirect, setUpHosts as setUp } from '../../../support/hosts.js'

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
