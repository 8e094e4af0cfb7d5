/** Native peers send at the pace of a client's reader: through the server, its link, outages and a second server. */
import { DEFAULT_LIMITS } from '@swarmway/proxy-protocol'
import type { Connection, Swarm } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { checkCounting, type Offer, offer, settled } from '../support/offer.js'
import { connectionBetween, createRig, type Network, useTestnet } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { moveInGroups } from '../support/throughput.js'

const KIB = 1024
const MIB = 1024 * KIB
const STREAMS = 50
const AT_ONCE = 4
const CUTS = 20
const OFFERED_BYTES = 1024 * MIB
/** A window of UDX and one of the link, and what the streams in between hold before they ask to wait. */
const HELD_BYTES = 4 * MIB + DEFAULT_LIMITS.streamWindowBytes + MIB

const testnet = useTestnet()

/** A client whose link the test controls, and a connection of a native peer to it. */
async function nativeTo(rig: Network, control = new LinkControl()): Promise<[mine: Connection, theirs: Connection]> {
  const [client, native] = [rig.createSwarm({ control }), rig.createNative()]
  await client.listen()
  await native.connect(client.keyPair.publicKey)
  const ends = await connectionBetween(client, native)
  for (const end of ends) end.on('error', () => {})
  return ends
}

/** What a writer gets rid of before it has to wait. */
async function stalled(offered: Offer, leastBytes = 256 * KIB): Promise<number> {
  await until('the windows to be used', () => offered.taken >= leastBytes)
  return settled(() => offered.taken)
}

test(`${CUTS} cuts of the link in a transfer from a native peer at full speed: every byte once and in order`, async () => {
  const rig = await createRig({ testnet: testnet() })
  const control = new LinkControl()
  const [mine, theirs] = await nativeTo(rig, control)
  const arrived = checkCounting(mine)
  const bytes = 100 * MIB
  const offered = offer(theirs, bytes)
  for (let cut = 1; cut <= CUTS; cut++) {
    await until('more to arrive', () => arrived.bytes > (cut * bytes) / (CUTS + 1))
    control.cut()
  }
  await until('all to arrive', () => arrived.bytes >= bytes)
  await offered.done
  expect([arrived.bytes, arrived.isRight, mine.destroying, theirs.destroying]).toEqual([bytes, true, false, false])
  expect([control.opened, rig.server.stats.resets]).toEqual([CUTS + 1, {}])
})

test(`one of ${STREAMS} streams from native peers is never read: the others carry megabytes meanwhile`, async () => {
  const rig = await createRig({ testnet: testnet() })
  const client = rig.createSwarm()
  await client.listen()
  const dht = testnet().createNode()
  const natives: Swarm[] = Array.from({ length: STREAMS }, () => rig.createNative({ dht }))
  await Promise.all(natives.map((native) => native.connect(client.keyPair.publicKey)))
  const pairs = await Promise.all(natives.map((native) => connectionBetween(client, native)))
  const [unread, ...others] = pairs
  if (unread === undefined) return expect.unreachable()
  const offered = offer(unread[1], OFFERED_BYTES)
  await stalled(offered)
  for (let round = 0; round < 3; round++) await moveInGroups(others, AT_ONCE)
  expect(offered.taken, 'taken from the writer').toBeLessThan(HELD_BYTES)
  expect(rig.server.stats.bufferedBytes, 'held by the server').toBeLessThan(HELD_BYTES)
  expect(rig.server.stats.resets).toEqual({})
})

test('a native peer whose stream is never read waits; when it is read on, everything arrives, every time', async () => {
  const rig = await createRig({ testnet: testnet() })
  const [mine, theirs] = await nativeTo(rig)
  const arrived = checkCounting(mine)
  let sent = 0
  for (let stall = 0; stall < 4; stall++) {
    mine.pause()
    const offered = offer(theirs, 32 * MIB, sent)
    expect(await stalled(offered)).toBeLessThan(HELD_BYTES)
    expect(rig.server.stats.bufferedBytes).toBeLessThan(HELD_BYTES)
    mine.resume()
    sent += 32 * MIB
    await until('everything to arrive', () => arrived.bytes === sent)
  }
  expect([arrived.isRight, rig.server.stats.resets]).toEqual([true, {}])
})

test('the end of a stalled stream waits behind its data, also when it all fits into the windows', async () => {
  const rig = await createRig({ testnet: testnet() })
  for (const bytes of [2 * MIB, 32 * MIB]) {
    const [mine, theirs] = await nativeTo(rig)
    const offered = offer(theirs, bytes)
    void offered.done.then(() => theirs.end())
    await stalled(offered)
    const ended = new Promise<void>((resolve) => mine.once('end', resolve))
    const arrived = checkCounting(mine)
    await ended
    expect([arrived.bytes, arrived.isRight]).toEqual([bytes, true])
  }
})

test('while the link of the client is down, the native peer waits, and loses nothing', async () => {
  const rig = await createRig({ testnet: testnet() })
  const control = new LinkControl()
  const [mine, theirs] = await nativeTo(rig, control)
  const arrived = checkCounting(mine)
  const bytes = 64 * MIB
  const offered = offer(theirs, bytes)
  await until('a quarter to arrive', () => arrived.bytes > bytes / 4)
  control.isDown = true
  control.cut()
  const opened = control.opened
  await until('some attempts to connect', () => control.opened > opened + 3)
  await settled(() => offered.taken)
  expect(offered.taken - arrived.bytes, 'on its way').toBeLessThan(HELD_BYTES + DEFAULT_LIMITS.maxUnackedBytes)
  expect(offered.taken).toBeLessThan(bytes)
  control.isDown = false
  await until('everything to arrive', () => arrived.bytes === bytes)
  expect([arrived.isRight, mine.destroying, theirs.destroying]).toEqual([true, false, false])
  expect(rig.server.stats.resets).toEqual({})
})

test('the writer at one server waits for the reader at another', async () => {
  const rig = await createRig({ testnet: testnet() })
  const { door, server } = await rig.createServer()
  const [writing, reading] = [rig.createSwarm(), rig.createSwarm({ door })]
  await reading.listen()
  await writing.connect(reading.keyPair.publicKey)
  const [theirs, mine] = await connectionBetween(writing, reading)
  const arrived = checkCounting(mine)
  let sent = 0
  for (let stall = 0; stall < 3; stall++) {
    mine.pause()
    const offered = offer(theirs, 32 * MIB, sent)
    expect(await stalled(offered)).toBeLessThan(HELD_BYTES + DEFAULT_LIMITS.streamWindowBytes)
    mine.resume()
    sent += 32 * MIB
    await until('everything to arrive', () => arrived.bytes === sent)
  }
  expect([arrived.isRight, rig.server.stats.resets, server.stats.resets]).toEqual([true, {}, {}])
})
