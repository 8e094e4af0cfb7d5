/** A reader that stops reading stalls its own stream and nothing else. */
import { DEFAULT_LIMITS } from '@swarmway/proxy-protocol'
import type { Connection } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { ignoreWindows } from '../../../swarm/test/support/ignore-window.js'
import { checkCounting, offer, settled } from '../support/offer.js'
import { connectionBetween, createRig, type Network, type RigClientOptions, useTestnet } from '../support/rig.js'
import { KEPT_RATIO, throughputAfter } from '../support/throughput.js'
import { closed, echo, failure } from '../support/transfer.js'

const KIB = 1024
const MIB = 1024 * KIB
const STREAMS = 50
const STALLS = 100
/** More than any window. */
const OFFERED_BYTES = 1024 * MIB
/** Two windows, one for each link, plus what the streams in between buffer before they ask the writer to wait. */
const HELD_BYTES = 2 * DEFAULT_LIMITS.streamWindowBytes + 512 * KIB

const testnet = useTestnet()

/** A client that others have dialled, with both ends of each connection. */
async function hub(
  rig: Network,
  spokes: number,
  options: RigClientOptions = {}
): Promise<[mine: Connection, theirs: Connection][]> {
  const client = rig.createSwarm(options)
  await client.listen()
  const others = Array.from({ length: spokes }, () => rig.createSwarm(options))
  await Promise.all(others.map((other) => other.connect(client.keyPair.publicKey)))
  return Promise.all(others.map((other) => connectionBetween(client, other)))
}

test(`one of ${STREAMS} streams on a link is never read: the others keep their throughput`, async () => {
  const rig = await createRig({ testnet: null })
  const pairs = await hub(rig, STREAMS)
  const [stalled, ...others] = pairs
  if (stalled === undefined) return expect.unreachable()
  let taken = () => 0
  let rssBefore = 0
  const ratio = await throughputAfter(others, async () => {
    const offered = offer(stalled[1], OFFERED_BYTES)
    taken = () => offered.taken
    await settled(taken)
    rssBefore = process.memoryUsage().rss
  })
  expect(ratio).toBeGreaterThanOrEqual(KEPT_RATIO)
  expect(taken(), 'taken from the writer').toBeLessThan(HELD_BYTES)
  expect(rig.server.stats.bufferedBytes, 'held by the server').toBeLessThan(HELD_BYTES)
  expect(process.memoryUsage().rss - rssBefore, 'growth of the process').toBeLessThan(200 * MIB)
  expect(rig.server.stats.resets).toEqual({})
})

test('when all streams of a link are stalled, the server holds no more than their windows', async () => {
  const rig = await createRig({ testnet: null })
  const pairs = await hub(rig, STREAMS)
  const offers = pairs.map(([, theirs]) => offer(theirs, OFFERED_BYTES))
  const taken = await settled(() => offers.reduce((sum, one) => sum + one.taken, 0))
  expect(taken).toBeLessThan(STREAMS * HELD_BYTES)
  expect(rig.server.stats.bufferedBytes).toBeLessThan(STREAMS * HELD_BYTES)
  const [first] = pairs
  if (first === undefined) return expect.unreachable()
  const arrived = checkCounting(first[0])
  await until('the stream that is read again to continue', () => arrived.bytes > 20 * MIB)
  expect(arrived.isRight).toBe(true)
})

test(`the second and the ${STALLS}th stall behave like the first`, async () => {
  // Fixed: windows that grow hold more in the later stalls.
  const limits = { streamWindowBytes: 256 * KIB }
  const rig = await createRig({ testnet: null, server: { limits } })
  const [pair] = await hub(rig, 1, { limits })
  if (pair === undefined) return expect.unreachable()
  const [mine, theirs] = pair
  const arrived = checkCounting(mine)
  const taken: number[] = []
  const held: number[] = []
  let sent = 0
  for (let stall = 0; stall < STALLS; stall++) {
    mine.pause()
    // The writer keeps a part of it, and reaches the next stall with that part still unsent.
    const bytes = 4 * MIB
    const offered = offer(theirs, bytes, sent)
    taken.push(await settled(() => offered.taken))
    held.push(rig.server.stats.bufferedBytes)
    mine.resume()
    await offered.done
    sent += bytes
    await until('all to arrive', () => arrived.bytes === sent)
  }
  expect(arrived.isRight).toBe(true)
  for (const numbers of [taken, held]) {
    expect(Math.max(...numbers)).toBeLessThan(2 * limits.streamWindowBytes + 512 * KIB)
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeLessThan(512 * KIB)
  }
  expect(rig.server.stats.bufferedBytes).toBe(0)
})

test('between proxied peers, a reader that stops makes the writer wait, without a reset or loss', async () => {
  const rig = await createRig({ testnet: null })
  const [a, b] = [rig.createSwarm(), rig.createSwarm()]
  await b.listen()
  await a.connect(b.keyPair.publicKey)
  const [near, far] = await connectionBetween(a, b)
  for (const [from, to] of [
    [near, far],
    [far, near]
  ] as const) {
    const offered = offer(from, 16 * MIB)
    const taken = await settled(() => offered.taken)
    expect(taken).toBeLessThan(HELD_BYTES)
    const arrived = checkCounting(to)
    await until('all to arrive', () => arrived.bytes === 16 * MIB)
    expect(arrived.isRight).toBe(true)
  }
  expect([near.destroying, far.destroying, rig.server.stats.resets]).toEqual([false, false, {}])
})

test('a native peer that ignores the window of a stalled stream gets BUFFER_LIMIT at the cap; others are unaffected', async () => {
  const maxStreamBufferBytes = 512 * KIB
  const rig = await createRig({
    testnet: testnet(),
    server: { dht: ignoreWindows(testnet().createNode()), limits: { maxStreamBufferBytes } }
  })
  const client = rig.createSwarm()
  await client.listen()
  const [flood, friend] = [rig.createNative(), rig.createNative()]
  for (const native of [flood, friend]) await native.connect(client.keyPair.publicKey)
  const [stalled, flooding] = await connectionBetween(client, flood)
  const ends = await connectionBetween(client, friend)
  let most = 0
  const failed = [failure(stalled), failure(flooding)]
  const offered = offer(flooding, OFFERED_BYTES)
  const watch = setInterval(() => {
    most = Math.max(most, rig.server.stats.bufferedBytes)
  }, 1)
  onTestFinished(() => clearInterval(watch))
  const [error] = await Promise.all(failed)
  expect(error).toMatchObject({ code: 'BUFFER_LIMIT' })
  await Promise.all([closed(stalled), closed(flooding)])
  await offered.done
  expect(offered.taken).toBeLessThan(64 * MIB)
  expect(most, 'the cap, and what the client was given to read').toBeLessThan(maxStreamBufferBytes + HELD_BYTES)
  expect(rig.server.stats.resets).toEqual({ BUFFER_LIMIT: 1 })
  await echo(...ends)
})

test('a native peer whose stream is read slowly is not reset', async () => {
  const rig = await createRig({ testnet: testnet() })
  const [client, native] = [rig.createSwarm(), rig.createNative()]
  await client.listen()
  await native.connect(client.keyPair.publicKey)
  const [mine, theirs] = await connectionBetween(client, native)
  const arrived = checkCounting(mine)
  offer(theirs, 32 * MIB)
  await until('all to arrive', () => arrived.bytes === 32 * MIB)
  expect([arrived.isRight, rig.server.stats.resets]).toEqual([true, {}])
})
