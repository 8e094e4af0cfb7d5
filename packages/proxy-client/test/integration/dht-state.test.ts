import { createSocket } from 'node:dgram'
import { createRequire } from 'node:module'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { DhtNode } from '../../src/index.js'
import { createRig } from '../support/rig.js'

/** An address of its own: the nodes of other tests ask 127.0.0.1:49737 for peers that have ended, and would reach this one. */
const HOST = '127.0.0.10'
const HyperDHT = createRequire(import.meta.url)('hyperdht') as new (options: object) => DhtNode

/** A UDP port that nobody listens on. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

// A client of a server whose DHT was out of reach looked connected and found nobody, and nothing said why.
test('a client is told that the DHT does not answer its server, and when it does again', async () => {
  const port = await freePort()
  const dht = new HyperDHT({ host: HOST, bootstrap: [{ host: HOST, port }] })
  onTestFinished(() => dht.destroy({ force: true }))
  const rig = await createRig({ testnet: null, server: { dht: dht as never } })
  const client = rig.createSwarm()
  await until('the client says so', () => client.offline?.reason === 'SERVER_OFFLINE')
  expect([client.connected, client.online, rig.server.online, rig.server.stats.dhtOnline]).toEqual([
    true,
    false,
    false,
    0
  ])
  const late = rig.createSwarm()
  await until('a later client says so', () => late.offline?.reason === 'SERVER_OFFLINE')
  const node = new HyperDHT({ host: HOST, port, bootstrap: [], ephemeral: false, firewalled: false })
  onTestFinished(() => node.destroy({ force: true }))
  await until('both say that it answers again', () => client.online && late.online)
  expect([rig.server.online, rig.server.stats.dhtOnline]).toEqual([true, 1])
})

test('a client without a link says so, and when it tries again', async () => {
  const rig = await createRig({ testnet: null })
  const client = rig.createSwarm()
  await until('the client is connected', () => client.connected)
  expect([client.online, client.offline]).toEqual([true, null])
  const heard: unknown[] = []
  client.on('offline', ({ reason }) => heard.push(reason))
  client.on('online', () => heard.push('online'))
  await rig.server.destroy()
  await until('the client is offline', () => client.offline !== null)
  expect(client.offline?.reason).toBe('NO_LINK')
  expect(heard[0]).toBe('NO_LINK')
})
