// hyper-sdk makes its own swarms: a drive and a core, found by key.
import assert from 'node:assert/strict'
import { createFolder, importInstalled, pass } from './support.mjs'

const SDK = await importInstalled('hyper-sdk/index.js')
const [here, there] = [await SDK.create({ storage: createFolder() }), await SDK.create({ storage: createFolder() })]

const drive = await here.getDrive('a drive')
await drive.put('/readme.md', Buffer.from('a file'))
assert.equal(String(await (await there.getDrive(drive.url)).get('/readme.md')), 'a file')

const core = await here.get('a core')
await core.append(Buffer.from('a block'))
assert.equal(String(await (await there.get(core.key)).get(0)), 'a block')
pass()
