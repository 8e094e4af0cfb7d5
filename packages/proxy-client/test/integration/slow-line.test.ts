/**
 * Hypercores and drives of a native peer, through a proxy, to a client behind a line that is slower than that peer. What
 * was requested used to arrive faster than the line takes it, and the connection was lost at the server's cap, again
 * and again.
 */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { checkCounting, offer } from '../support/offer.js'
import { connectionBetween, createRig, type Network, shownBy, useTestnet } from '../support/rig.js'
import { type Core, createCore, createDrive, createStore } from '../support/stores.js'
import { memory } from '../support/transports.js'

const KIB = 1024
const MIB = 1024 * KIB
const CORES = 8
const CORE_BYTES = 3 * MIB
/** 4 MB/s. */
const BYTES_PER_MS = 4000
const LARGE_BLOCK_BYTES = 512 * KIB
const LARGE_BLOCKS = 32
const FILES = 2
const FILE_BYTES = 12 * MIB

const testnet = useTestnet()

/** A client behind a line, and a native peer that dials it. */
async function setup(bytesPerMs?: number) {
  const transport = bytesPerMs === undefined ? memory() : memory({ bytesPerMs })
  const rig = await createRig({ testnet: testnet(), transport })
  const [client, native] = [rig.createSwarm(), rig.createNative()]
  const connections = shownBy(client)
  const connect = async () => {
    await client.listen()
    await native.connect(client.keyPair.publicKey)
    return connectionBetween(client, native)
  }
  return { rig, connect, connections }
}

function expectOneConnection(rig: Network, connections: readonly { destroying: boolean }[]): void {
  expect(
    connections.map(({ destroying }) => destroying),
    'the only connection'
  ).toEqual([false])
  expect(rig.server.stats.resets).toEqual({})
}

function blocksOf(count: number, bytes: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => b4a.alloc(bytes, i + 1))
}

/** Requests all blocks at once, as a download does. */
async function expectBlocks(core: Core, blocks: Uint8Array[]): Promise<void> {
  const arrived = await Promise.all(blocks.map((_, i) => core.get(i)))
  for (const [i, block] of blocks.entries()) expect(b4a.equals(arrived[i] ?? b4a.alloc(0), block)).toBe(true)
}

test(`${CORES} Hypercores of a native peer over a line of 4 MB/s: one connection, no reset`, async () => {
  const { connect, connections, rig } = await setup(BYTES_PER_MS)
  const [seeding, reading] = [createStore(), createStore()]
  const blocks = blocksOf(CORE_BYTES / (64 * KIB), 64 * KIB)
  const seeds = Array.from({ length: CORES }, (_, i) => seeding.get({ name: `core ${i}` }))
  for (const seed of seeds) {
    await seed.ready()
    await seed.append(blocks)
  }
  const [mine, theirs] = await connect()
  seeding.replicate(theirs)
  reading.replicate(mine)
  await Promise.all(seeds.map(({ key }) => expectBlocks(reading.get(key), blocks)))
  expectOneConnection(rig, connections)
})

test('blocks of 512 KiB over a line of 4 MB/s: one connection, no reset', async () => {
  const { connect, connections, rig } = await setup(BYTES_PER_MS)
  const blocks = blocksOf(LARGE_BLOCKS, LARGE_BLOCK_BYTES)
  const seed = await createCore()
  await seed.append(blocks)
  const copy = await createCore(seed.key)
  const [mine, theirs] = await connect()
  seed.replicate(theirs)
  copy.replicate(mine)
  await expectBlocks(copy, blocks)
  expectOneConnection(rig, connections)
})

test.each([
  ['a fast line', undefined],
  ['a line of 4 MB/s', BYTES_PER_MS]
])(
  'a Hyperdrive is mirrored with its defaults from a native peer, over %s: one connection, no reset',
  async (_, rate) => {
    const { connect, connections, rig } = await setup(rate)
    const [seeding, reading] = [createStore(), createStore()]
    const drive = await createDrive(seeding)
    const files = blocksOf(FILES, FILE_BYTES)
    for (const [i, content] of files.entries()) await drive.put(`/file ${i}`, content)
    const [mine, theirs] = await connect()
    seeding.replicate(theirs)
    reading.replicate(mine)
    const copy = await createDrive(reading, drive.key)
    await copy.update({ wait: true })
    const own = await createDrive(reading.namespace('own'))
    const mirror = copy.mirror(own)
    await mirror.done()
    expect(mirror.count).toMatchObject({ files: FILES, add: FILES })
    for (const [i, content] of files.entries())
      expect(b4a.equals((await own.get(`/file ${i}`)) ?? b4a.alloc(0), content)).toBe(true)
    expectOneConnection(rig, connections)
  }
)

test('few bytes wait in the buffers of a slow line, so that small messages do not wait behind them', async () => {
  const buffered = { bytes: 0 }
  const rig = await createRig({ testnet: testnet(), transport: memory({ bytesPerMs: BYTES_PER_MS, buffered }) })
  const client = rig.createSwarm()
  await client.listen()
  const natives = Array.from({ length: 4 }, () => rig.createNative())
  await Promise.all(natives.map((native) => native.connect(client.keyPair.publicKey)))
  const pairs = await Promise.all(natives.map((native) => connectionBetween(client, native)))
  const arrived = pairs.map(([mine]) => checkCounting(mine))
  for (const [, theirs] of pairs) offer(theirs, 4 * MIB)
  let most = 0
  await until('all to arrive', () => {
    const bytes = arrived.reduce((sum, one) => sum + one.bytes, 0)
    // Before that, the rate of the line is found out.
    if (bytes > 6 * MIB) most = Math.max(most, buffered.bytes)
    return bytes === 16 * MIB
  })
  expect(most).toBeGreaterThan(0)
  expect(most, 'of the 4 MiB that are kept for resuming at most').toBeLessThan(MIB)
  expect(arrived.every(({ isRight }) => isRight)).toBe(true)
})
