import { Duplex } from 'streamx'
import { expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { uncaught } from '../../../../../runtime/test/support/uncaught.js'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { Identity } from '../../../../src/handshake/identity.js'
import type { Connection } from '../../../../src/network/connection.js'
import type { DhtNode } from '../../../../src/network/dht-node.js'
import { DirectPaths } from '../../../../src/paths/direct/direct-paths.js'
import { settleDirect } from '../../../../src/paths/direct/options.js'
import type { PathStream } from '../../../../src/paths/path-stream.js'
import type { PeerInfo } from '../../../../src/peers/peer-info.js'
import { createStats } from '../../../../src/util/stats.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'
import { pathPair, pathStreams } from '../../../support/memory-paths.js'

function setUp(direct: unknown, stunUrl: string | null = null) {
  const clock = new FakeClock()
  const stats = createStats().direct
  const publicKey = new Uint8Array(32).fill(255)
  const paths = new DirectPaths(settleDirect(direct), {
    ...{ clock, stats, random: Math.random, isActive: () => true },
    identity: new Identity({ publicKey, secretKey: new Uint8Array(64) }),
    node: { online: false, stunUrl } as unknown as DhtNode,
    codec: null,
    firstPath: 'proxied'
  })
  const begin = () => {
    const streams = pathStreams(clock)
    const connection = Object.assign(new Duplex(), { rawStream: streams.ends[0] }) as unknown as Connection
    paths.begin(connection, { publicKey: new Uint8Array(32), topics: [] } as unknown as PeerInfo)
    letLead(streams.ends[1])
    return { ...streams, connection }
  }
  return { stats, begin, clock }
}

/** A peer that wants the other side to lead. */
function letLead(stream: PathStream): void {
  stream.observe({
    onSignal({ type, attempt }) {
      if (type === 'ask') stream.sendSignal({ type: 'ready', attempt, index: 0, text: '' })
    },
    onActive() {},
    onLost() {},
    onSpare() {},
    onSent() {},
    onRefused() {}
  })
}

test('a swarm has at most 128 direct paths, and another one when one of them has ended', async () => {
  const net = new FakeRtcNet()
  const { begin, stats } = setUp({ rtc: net.rtc })
  const all = Array.from({ length: 130 }, begin)
  await until(() => net.made.length === 128)
  await turns()
  expect([stats.attempts, net.made.length]).toEqual([128, 128])
  all[0]?.ends[0].destroy()
  await until(() => net.made[0]?.isClosed === true)
  const last = begin()
  await until(() => stats.attempts === 129)
  for (const { ends } of [...all, last]) for (const end of ends) end.destroy()
})

test('the STUN server of the node is asked as well as those of the application', async () => {
  const net = new FakeRtcNet()
  const { begin } = setUp({ rtc: net.rtc, iceServers: [{ urls: 'stun:own.example' }] }, 'stun:proxy.example:3478')
  const { ends } = begin()
  await until(() => net.made.length === 1)
  expect(net.made[0]?.configuration.iceServers).toEqual([
    { urls: 'stun:own.example' },
    { urls: 'stun:proxy.example:3478' }
  ])
  for (const end of ends) end.destroy()
})

test('without the option connections say how they are carried, and stay', async () => {
  const { begin, stats } = setUp(false)
  const { connection, ends } = begin()
  await turns()
  expect([connection.path, stats.attempts]).toEqual(['proxied', 0])
  for (const end of ends) end.destroy()
})

test('a peer that allow refuses gets no peer connection', async () => {
  const net = new FakeRtcNet()
  let asked = 0
  const allow = () => {
    asked++
    return false
  }
  const { begin } = setUp({ rtc: net.rtc, allow })
  const { ends } = begin()
  await until(() => asked > 0)
  await turns()
  expect(net.made.length).toBe(0)
  for (const end of ends) end.destroy()
})

// A function that is async was taken for one that allows everybody, because a promise is true.
test.each([Promise.resolve(true), 1, {}, undefined, null])(
  'what allow returns is only a yes if it is true, not %o',
  async (answer) => {
    const net = new FakeRtcNet()
    let asked = 0
    const { begin } = setUp({ rtc: net.rtc, allow: () => ++asked && answer })
    const { ends } = begin()
    await until(() => asked > 0)
    await turns()
    expect(net.made.length).toBe(0)
    for (const end of ends) end.destroy()
  }
)

const fault = new Error('allow')
const throws = () => {
  throw fault
}
test.each<[string, () => unknown, unknown[]]>([
  ['throws', throws, [fault]],
  ['rejects', () => Promise.reject(fault), [fault]],
  ['hangs', () => new Promise(() => {}), []]
])('an allow that %s is not a yes, and its error reaches the application', async (_, answer, errors) => {
  const net = new FakeRtcNet()
  let asked = 0
  const { begin } = setUp({ rtc: net.rtc, allow: () => ++asked && answer() })
  const { ends } = begin()
  expect(await uncaught(() => until(() => asked > 0))).toEqual(errors)
  await turns()
  expect([net.made.length, ends[0].destroying]).toEqual([0, false])
  for (const end of ends) end.destroy()
})

test('an allow that changes its mind is asked again before each attempt', async () => {
  const net = new FakeRtcNet()
  let isAllowed = false
  let asked = 0
  const { begin, clock } = setUp({ rtc: net.rtc, allow: () => ++asked > 0 && isAllowed })
  const { ends } = begin()
  await until(() => asked === 1)
  isAllowed = true
  await clock.advance(1000)
  await until(() => net.made.length === 1)
  isAllowed = false
  net.made[0]?.fail()
  await clock.advance(600_000)
  await until(() => asked > 2)
  await turns()
  expect([net.made.length, ends[0].destroying]).toEqual([1, false])
  for (const end of ends) end.destroy()
})

// The attempt began nevertheless, and held its place for 15 s.
test('an allow that closes the connection begins no attempt', async () => {
  const net = new FakeRtcNet()
  let close: (() => void) | null = null
  const allow = () => {
    close?.()
    return true
  }
  const { begin, stats } = setUp({ rtc: net.rtc, allow })
  const { ends } = begin()
  let isClosed = false
  close = () => {
    isClosed = true
    ends[0].destroy()
  }
  await until(() => isClosed)
  await turns()
  expect([stats.attempts, net.made.length]).toEqual([0, 0])
  for (const end of ends) end.destroy()
})

// The exception was taken for a fault of the peer, and ended the connection.
test('an exception in a listener of path stays uncaught, and the connection lives on', async () => {
  const net = new FakeRtcNet()
  const { begin } = setUp({ rtc: net.rtc })
  const { connection, ends } = begin()
  const fault = new Error('a fault of the application')
  connection.on('path', () => {
    throw fault
  })
  const errors = await uncaught(async () => {
    const [one, other] = pathPair()
    ends[0].addPath(1, one)
    ends[1].addPath(1, other)
    await until(() => ends.every((end) => !end.isOnFirstPath))
    await turns()
  })
  expect(errors).toEqual([fault])
  expect([connection.path, ends[0].destroying]).toEqual(['direct', false])
  for (const end of ends) end.destroy()
})

test('a closed page ends its connections, so that their peers need not wait; one that may return does not', async () => {
  const listeners = new Set<(event: { persisted: boolean }) => void>()
  const page = {
    onpagehide: null,
    addEventListener: (_type: string, listener: (event: { persisted: boolean }) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: { persisted: boolean }) => void) =>
      listeners.delete(listener)
  }
  Object.assign(globalThis, page)
  try {
    const { begin } = setUp({ rtc: new FakeRtcNet().rtc })
    const { ends } = begin()
    await until(() => listeners.size === 1)
    for (const listener of listeners) listener({ persisted: true })
    expect(ends[0].destroying).toBe(false)
    for (const listener of listeners) listener({ persisted: false })
    await until(() => ends.every((end) => end.destroyed))
    expect(listeners.size).toBe(0)
  } finally {
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name)
  }
})

// The signals of the peer, which asks every ten minutes, were kept until there were 64: then the connection was closed.
test('a page that cannot load the rest of the code keeps its connection, however often the peer asks', async () => {
  vi.doMock('../../../../src/paths/direct/move.js', () => Promise.reject(new Error('404')))
  try {
    const { begin, stats } = setUp({ rtc: new FakeRtcNet().rtc })
    const { ends } = begin()
    await until(() => stats.failed === 1)
    for (let attempt = 1; attempt < 100; attempt++) ends[1].sendSignal({ type: 'ask', attempt, index: 0, text: '' })
    ends[0].resume()
    ends[1].write(new Uint8Array(1000))
    await until(() => ends[0].bytesReceived === 1000)
    expect(ends[0].destroying).toBe(false)
    for (const end of ends) end.destroy()
  } finally {
    vi.doUnmock('../../../../src/paths/direct/move.js')
  }
})
