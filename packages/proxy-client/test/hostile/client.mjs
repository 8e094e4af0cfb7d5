/**
 * A client that strangers attack on its topic, with direct paths; a process of its own. On request it joins another topic and
 * connects to a native peer, and says how long that takes.
 */
import * as rtc from 'node-datachannel/polyfill'
import { ProxyClient } from '../../dist/index.js'
import { connectFrom } from './stranger.mjs'

const [, , address, tcpPort, topic] = process.argv
const client = new ProxyClient({
  connect: () => connectFrom(address, tcpPort),
  direct: { rtc, localAddresses: true }
})
client.on('connection', (connection) => connection.on('error', () => {}).resume())
await client.join(Buffer.from(topic, 'hex')).flushed()
process.on('message', async ({ join, publicKey }) => {
  const begin = performance.now()
  const session = client.join(Buffer.from(join, 'hex'))
  const [connection] = await Promise.all([client.connect(Buffer.from(publicKey, 'hex')), session.flushed()])
  const elapsedMs = performance.now() - begin
  connection.destroy()
  await session.destroy()
  process.send({ elapsedMs, direct: client.stats.direct })
})
process.send({})
