import { expect, onTestFinished } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { type Core, Hypercore, Hypercore10, RandomAccessMemory } from '../support/packages.ts'
import { createBlocks, createFolder } from '../support/storage.ts'

const BLOCKS = createBlocks(300)

/** `swarm.on('connection', (connection) => core.replicate(connection))`, as in Hypercore's README. */
export function replicateHypercore(writing: AnySwarm, reading: AnySwarm): Promise<void> {
  return replicate(writing, reading, (key) => new Hypercore(createFolder(), key))
}

/** The same with the Hypercore version that runs in browsers. */
export function replicateHypercore10(writing: AnySwarm, reading: AnySwarm): Promise<void> {
  return replicate(writing, reading, (key) => new Hypercore10(() => new RandomAccessMemory(), key))
}

async function replicate(writing: AnySwarm, reading: AnySwarm, create: (key?: Uint8Array) => Core): Promise<void> {
  const core = await open(create())
  await core.append(BLOCKS)
  writing.on('connection', (connection) => core.replicate(connection))
  await writing.join(core.discoveryKey, { client: false, server: true }).flushed()

  const copy = await open(create(core.key))
  reading.on('connection', (connection) => copy.replicate(connection))
  reading.join(copy.discoveryKey, { client: true, server: false })
  await copy.download({ start: 0, end: BLOCKS.length }).done()

  for (const [index, block] of BLOCKS.entries()) expect(await copy.get(index, { wait: false })).toEqual(block)
}

async function open(core: Core): Promise<Core> {
  onTestFinished(() => core.close())
  await core.ready()
  return core
}
