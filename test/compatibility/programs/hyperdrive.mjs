// A drive is written, read by a peer that knows its key, mirrored, and read again after a change.
import assert from 'node:assert/strict'
import { createFolder, createSwarm, installed, pass, until } from './support.mjs'

const Corestore = installed('corestore')
const Hyperdrive = installed('hyperdrive')
const [writing, reading] = [createSwarm(), createSwarm()]
const [store, copies] = [new Corestore(createFolder()), new Corestore(createFolder())]
writing.on('connection', (connection) => store.replicate(connection))
reading.on('connection', (connection) => copies.replicate(connection))

const drive = new Hyperdrive(store)
await drive.put('/readme.md', Buffer.from('a drive'))
await drive.put('/picture.bin', Buffer.alloc(300_000, 'x'))
await writing.join(drive.discoveryKey).flushed()

const copy = new Hyperdrive(copies, drive.key)
await copy.ready()
const isSearched = copy.findingPeers()
reading.join(copy.discoveryKey)
reading.flush().then(isSearched, isSearched)
await copy.update()
assert.equal(String(await copy.get('/readme.md')), 'a drive')

const own = new Hyperdrive(copies.namespace('own'))
await own.ready()
await copy.mirror(own).done()
assert.equal((await own.get('/picture.bin')).byteLength, 300_000)

await drive.put('/readme.md', Buffer.from('changed'))
await until(async () => String(await copy.get('/readme.md')) === 'changed')
pass()
