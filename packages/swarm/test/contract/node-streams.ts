import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import b4a from 'b4a'
import { expect } from 'vitest'
import type { MoreTests } from './swarm-contract.js'

/** The part of the contract that needs Node's own streams, and so does not run in a page. */
export const nodeStreams: MoreTests = (it, createPair) => {
  it('goes into a pipeline of Node, and reports its end', async () => {
    const { near, far } = await createPair()
    const echoed: Uint8Array[] = []
    far.on('data', (data: Buffer) => far.write(data))
    far.on('end', () => far.end())
    const sink = new Writable({ write: (data, _, done) => done(void echoed.push(data)) })
    await pipeline(Readable.from([b4a.from('one '), b4a.from('two')]), near, sink)
    expect(b4a.toString(b4a.concat(echoed))).toBe('one two')
  })
}
