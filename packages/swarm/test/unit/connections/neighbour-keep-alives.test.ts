import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { NeighbourKeepAlives } from '../../../src/connections/neighbour-keep-alives.js'
import { FakeConnection } from '../../support/fake-connection.js'
import { bytes32 } from '../../support/fake-swarm.js'

/** A connection of a UDX stream with HyperDHT's keep-alive. */
function connect(isInitiator: boolean) {
  const connection = new FakeConnection(bytes32(1), bytes32(2), isInitiator, queueMicrotask)
  const raw = Object.assign(connection.rawStream, { packetsReceived: 5, inflight: 0 })
  connection.setKeepAlive(5000)
  return { connection, raw }
}

function setUp(count: number, isInitiator = true) {
  const clock = new FakeClock()
  const keepAlives = new NeighbourKeepAlives(clock)
  const ends = Array.from({ length: count }, () => connect(isInitiator))
  for (const { connection } of ends) keepAlives.add(connection.asConnection())
  const sent = () => ends.reduce((sum, { connection }) => sum + connection.keepAlivesSent, 0)
  return { clock, ends, sent }
}

/** Lets time pass with neighbours that acknowledge. Returns the keep-alives sent a second. */
async function rateOver(seconds: number, { clock, ends, sent }: ReturnType<typeof setUp>): Promise<number> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000)
    for (const { connection, raw } of ends) raw.packetsReceived = 5 + connection.keepAlivesSent
  }
  return sent() / seconds
}

// Among 50 hosts, each sent 20 packets a second to keep silent connections alive.
test('a host among 50 sends less than one packet a second, and one among few less than one in two', async () => {
  for (const [count, most] of [
    [3, 0.5],
    [12, 0.5],
    [28, 0.5],
    [49, 0.9]
  ] as const) {
    const rate = await rateOver(600, setUp(count))
    expect(rate).toBeLessThanOrEqual(most)
    expect(rate).toBeGreaterThan(most - 0.1)
  }
})

// The firewall of a host forgets a silent flow after a minute. Among 300 neighbours, a connection was silent for ten: what the
// other side wrote then was dropped, and the connection given up.
test.each([true, false])(
  'no connection is silent for a minute, however many there are (dialled: %s)',
  async (isInitiator) => {
    const end = setUp(300, isInitiator)
    for (let minute = 1; minute <= 5; minute++) {
      await rateOver(60, end)
      for (const { connection } of end.ends) expect(connection.keepAlivesSent).toBeGreaterThanOrEqual(minute)
    }
  }
)

test('a neighbour from which something has come is not asked, nor by the side that accepted if the other one asks', async () => {
  const [dialled, accepted] = [setUp(1), setUp(1, false)]
  for (let second = 0; second < 60; second++) {
    await Promise.all([dialled.clock.advance(1000), accepted.clock.advance(1000)])
    for (const { raw } of dialled.ends) raw.packetsReceived++
    if (second % 5 === 4) for (const { raw } of accepted.ends) raw.packetsReceived++
  }
  expect([dialled.sent(), accepted.sent()]).toEqual([0, 0])
})

test('the side that accepted asks if the other one does not', async () => {
  const { clock, sent } = setUp(1, false)
  await clock.advance(60_000)
  expect(sent()).toBeGreaterThan(5)
})

test("a keep-alive of the application's own stays", async () => {
  const { clock, ends, sent } = setUp(1)
  expect(ends[0]?.connection.keepAlive).toBe(0)
  ends[0]?.connection.setKeepAlive(1000)
  await clock.advance(60_000)
  expect([ends[0]?.connection.keepAlive, sent()]).toEqual([1000, 0])
})

// A node with its own `connectionKeepAlive` lost that: a dead peer was noticed late, or one that wants no keep-alives got some.
test.each([0, 1000, 30_000])('a keep-alive of %i ms that the node was made with stays', async (keepAlive) => {
  const clock = new FakeClock()
  const { connection } = connect(true)
  connection.setKeepAlive(keepAlive)
  new NeighbourKeepAlives(clock).add(connection.asConnection())
  await clock.advance(300_000)
  expect([connection.keepAlive, connection.keepAlivesSent, clock.liveTimers]).toEqual([keepAlive, 0, 0])
})

describe('a connection with a timeout', () => {
  /** One end of a UDX connection: what it sends arrives, and is acknowledged. */
  class End extends FakeConnection {
    override readonly rawStream = Object.assign(
      new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask).rawStream,
      {
        packetsReceived: 5
      }
    )
    peer: End | null = null
    /** When something has arrived last. */
    readMs = 0
    readonly #clock: FakeClock

    constructor(isInitiator: boolean, clock: FakeClock) {
      super(bytes32(1), bytes32(2), isInitiator, queueMicrotask)
      this.#clock = clock
      this.setKeepAlive(5000)
    }

    override sendKeepAlive(): void {
      super.sendKeepAlive()
      this.post(17)
    }

    post(byteLength: number): void {
      this.rawBytesWritten += byteLength
      this.rawStream.packetsReceived++
      if (this.peer === null) return
      this.peer.rawBytesRead += byteLength
      this.peer.rawStream.packetsReceived++
      this.peer.readMs = this.#clock.now()
    }
  }

  /** The one that dialled, and the other one, among 50 neighbours each. */
  function pair() {
    const clock = new FakeClock()
    const ends = [new End(true, clock), new End(false, clock)] as const
    ends[0].peer = ends[1]
    ends[1].peer = ends[0]
    for (const end of ends) {
      const keepAlives = new NeighbourKeepAlives(clock)
      keepAlives.add(end.asConnection())
      for (let i = 0; i < 49; i++) keepAlives.add(connect(true).connection.asConnection())
    }
    /** The longest time for which nothing has arrived at `end`, in five minutes. */
    const longestSilenceMs = async (end: End, each: () => void = () => {}) => {
      let longestMs = 0
      for (let second = 0; second < 300; second++) {
        await clock.advance(1000)
        each()
        longestMs = Math.max(longestMs, clock.now() - end.readMs)
      }
      return longestMs
    }
    return { ends, longestSilenceMs }
  }

  // Only the side that dialled sent something. The other one acknowledged it, which does not count: after 15 s of quiet the
  // connection was destroyed, though the peer was fine.
  test.each([
    ['the side that dialled', 0],
    ['the side that accepted', 1]
  ] as const)('gets bytes in time, at %s', async (_, index) => {
    for (const timeoutMs of [8000, 15_000, 120_000]) {
      const { ends, longestSilenceMs } = pair()
      ends[index].setTimeout(timeoutMs)
      expect(await longestSilenceMs(ends[index])).toBeLessThan(timeoutMs)
      const [one, other] = ends.map(({ keepAlivesSent }) => keepAlivesSent)
      // The application's own keep-alives would not be more.
      expect(Math.max(one ?? 0, other ?? 0)).toBeLessThanOrEqual((2 * 300_000) / (timeoutMs / 3) + 6)
    }
  })

  test('gets them if both sides have one, if it writes all the time, and with a keep-alive of its own', async () => {
    const both = pair()
    for (const end of both.ends) end.setTimeout(15_000)
    expect(await both.longestSilenceMs(both.ends[0])).toBeLessThan(15_000)

    const writing = pair()
    writing.ends[0].setTimeout(15_000)
    expect(await writing.longestSilenceMs(writing.ends[0], () => writing.ends[0].post(1000))).toBeLessThan(15_000)

    const own = pair()
    own.ends[0].setTimeout(15_000)
    own.ends[0].setKeepAlive(5000)
    expect(await own.longestSilenceMs(own.ends[0])).toBeLessThan(15_000)
  })

  test('two that have none do not keep answering each other', async () => {
    const { ends, longestSilenceMs } = pair()
    await longestSilenceMs(ends[0], () => {})
    expect(ends.map(({ keepAlivesSent }) => keepAlivesSent)).toEqual([5, 0])
  })
})

test('without neighbours there is no timer', async () => {
  const { clock, ends } = setUp(2)
  await clock.advance(10_000)
  for (const { connection } of ends) connection.destroy()
  await clock.advance(0)
  expect(clock.liveTimers).toBe(0)
})

test('a stream that counts no packets keeps its own', () => {
  const clock = new FakeClock()
  const connection = new FakeConnection(bytes32(1), bytes32(2), true, queueMicrotask)
  connection.setKeepAlive(5000)
  new NeighbourKeepAlives(clock).add(connection.asConnection())
  expect([connection.keepAlive, clock.liveTimers]).toEqual([5000, 0])
})
