/** Tabs that move their connections to direct paths. What happens to them then is in direct-trouble.test.ts. */
import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import { Swarm } from '@swarmway/swarm'
import * as rtc from 'node-datachannel/polyfill'
import { expect, onTestFinished, test } from 'vitest'
import { StunResponder } from '../../../proxy-server/src/index.js'
import { until } from '../../../runtime/test/support/until.js'
import { DirectTabs, look, transfer, whenDirect, whenMesh } from './support/direct-tabs.js'
import { createLab } from './support/lab.js'
import { startServer } from './support/server.js'

const tabsOf = new DirectTabs()

test('two tabs move to a direct path, over which their data go', async () => {
  const { tabs, server } = await tabsOf.meet()
  const { direct, directMs, errors } = await look(tabs[0])
  console.log(`direct after ${directMs.toFixed(0)} ms`)
  // Attempts may fail on a busy machine.
  expect({ direct, errors }).toMatchObject({ direct: { refused: 0 }, errors: [] })
  await transfer(tabs[0], tabs[1], 5)
  await transfer(tabs[1], tabs[0], 5)
  expect(server.stats.attached).toBe(2)
})

test('five changes of path in a transfer of 200 MB lose, repeat and reorder nothing', async () => {
  const { tabs } = await tabsOf.meet()
  let sentMegabytes = 0
  // Until there were five changes, so that a fast machine does not get by with fewer.
  for (let i = 0; sentMegabytes < 200 || (await look(tabs[0])).paths.length < 6; i++) {
    let isMoved = false
    const moved = transfer(tabs[0], tabs[1], 25).then(() => {
      isMoved = true
    })
    const hasBegun = async () => isMoved || (await look(tabs[1])).bytes > 6_000_000
    await expect.poll(hasBegun).toBe(true)
    await tabs[i % 2]?.evaluate('breakDirect()')
    await moved
    sentMegabytes += 25
  }
  const { paths, errors } = await look(tabs[0])
  console.log(`${sentMegabytes} MB: ${paths.join(', ')}`)
  expect(errors).toEqual([])
  // What was left is closed: there is the current peer connection at most, or the next one.
  for (const tab of tabs) expect(await tab.evaluate('openPeerConnections()')).toBeLessThanOrEqual(1)
  // Minutes where the machine is busy with other things.
}, 900_000)

test('tabs that use different servers move to a direct path', async () => {
  const lab = await createLab(2)
  onTestFinished(() => lab.destroy())
  const tabs = await tabsOf.open(lab.urls, [{}, {}])
  await whenDirect(tabs, 1)
  await transfer(tabs[0], tabs[1], 2)
  await transfer(tabs[1], tabs[0], 2)
})

test('a tab asks the STUN port that its server names, and gets answers', async () => {
  const responder = await StunResponder.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => responder.close())
  const { url } = await startServer({ stunPort: responder.port })
  const tabs = await tabsOf.open([url], [{}, {}])
  await whenDirect(tabs, 1)
  await until('answers', () => responder.answered > 0)
  expect(responder.ignored).toBe(0)
})

test('twenty tabs are all connected directly with each other', async () => {
  const { url } = await startServer()
  const tabs = await tabsOf.open([url], Array(20).fill({}))
  await whenMesh(tabs)
}, 300_000)

test('a tab without direct paths stays proxied', async () => {
  const { url } = await startServer()
  const tabs = await tabsOf.open([url], [{ direct: false }, {}])
  await expect.poll(async () => (await Promise.all(tabs.map(look))).every(({ isOpen }) => isOpen)).toBe(true)
  await transfer(tabs[0], tabs[1], 1)
  expect(await tabs[1].evaluate('peerConnections.length')).toBe(0)
})

test('a tab and a native peer move to a direct path', async () => {
  const lab = await createLab(1)
  onTestFinished(() => lab.destroy())
  const swarm = new Swarm({ dht: lab.testnet.createNode(), direct: { rtc, localAddresses: true } })
  onTestFinished(() => swarm.destroy())
  const topic = randomBytes(32)
  await swarm.join(topic, { client: false }).flushed()
  const connected = new Promise<Connection>((resolve) => swarm.once('connection', resolve))
  const page = await tabsOf.openTab()
  await page.evaluate(`join('${lab.urls[0]}', '${topic.toString('hex')}')`)
  const connection = await connected
  await expect.poll(async () => [connection.path, (await look(page)).path]).toEqual(['direct', 'direct'])
  const data = randomBytes(3_000_000)
  connection.write(data)
  await expect.poll(async () => (await look(page)).bytes).toBe(data.byteLength)
  expect(await page.evaluate('receivedHash()')).toBe(chainedHash(data))
})

/** As the page makes it. */
function chainedHash(data: Uint8Array): string {
  let hash = Buffer.alloc(32)
  for (let at = 0; at <= data.byteLength; at += 1_000_000)
    hash = createHash('sha256')
      .update(hash)
      .update(data.subarray(at, at + 1_000_000))
      .digest()
  return hash.toString('hex')
}
