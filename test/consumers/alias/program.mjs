// An application written for hyper-sdk, which imports hyperswarm: nothing in here knows about Swarmway.
// `write` makes a drive and serves it; `read` reads a file of the drive whose URL it is given.
import * as SDK from 'hyper-sdk'

const [role, storage, swarmOpts, url] = process.argv.slice(2)

const sdk = await SDK.create({ storage, swarmOpts: JSON.parse(swarmOpts) })
const drive = await sdk.getDrive(role === 'write' ? 'shared' : url)
if (role === 'write') await drive.put('/readme.md', Buffer.from('written by an unchanged program'))
process.send({
  url: drive.url,
  text: String(await drive.get('/readme.md')),
  // Reports to the test which swarm it runs on.
  className: sdk.swarm.constructor.name
})
process.once('message', async () => {
  await sdk.close()
  process.disconnect()
})
