import { expect } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { createBlocks, createStore } from '../support/storage.ts'

const BLOCKS = createBlocks(20)

/**
 * `findingPeers` and `flush`: the reader asks for the length once, and waits only for the search. The answer is right
 * only if `flush` resolves no sooner than the connections to the found peers are shown.
 */
export async function replicateCorestore(writing: AnySwarm, reading: AnySwarm): Promise<void> {
  const [store, copies] = [createStore(), createStore()]
  writing.on('connection', (connection) => store.replicate(connection))
  reading.on('connection', (connection) => copies.replicate(connection))

  const cores = ['first', 'second'].map((name) => store.get({ name }))
  for (const core of cores) await core.append(BLOCKS)
  for (const core of cores) await writing.join(core.discoveryKey, { client: false, server: true }).flushed()

  // The second core needs no new connection: the stores share one.
  for (const core of cores) {
    const copy = copies.get(core.key)
    await copy.ready()
    const isSearched = copy.findingPeers()
    reading.join(copy.discoveryKey, { client: true, server: false })
    void reading.flush().then(isSearched, isSearched)
    await copy.update()
    expect(copy.length).toBe(BLOCKS.length)
    for (const [index, block] of BLOCKS.entries()) expect(await copy.get(index)).toEqual(block)
  }
  expect(reading.connections.size).toBe(1)
}
