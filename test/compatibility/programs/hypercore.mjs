// A live core: 200 blocks, and one more after the reader has them.
import assert from 'node:assert/strict'
import { createFolder, createSwarm, installed, pass } from './support.mjs'

const Hypercore = installed('hypercore')
const [writing, reading] = [createSwarm(), createSwarm()]
const core = new Hypercore(createFolder())
await core.append(Array.from({ length: 200 }, (_, index) => Buffer.alloc(1000, index)))
const copy = new Hypercore(createFolder(), core.key)
await copy.ready()
writing.on('connection', (connection) => core.replicate(connection))
reading.on('connection', (connection) => copy.replicate(connection))
await writing.join(core.discoveryKey, { client: false }).flushed()
reading.join(core.discoveryKey, { server: false })

await copy.download({ start: 0, end: 200 }).done()
assert.deepEqual(await copy.get(199), Buffer.alloc(1000, 199))
const next = copy.get(200)
await core.append(Buffer.from('the next'))
assert.equal(String(await next), 'the next')
pass()
