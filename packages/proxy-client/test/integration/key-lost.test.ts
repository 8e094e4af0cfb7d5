/** What a client is told when the server does not, or no longer, listen on its key. */
import type { AddressInfo } from 'node:net'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, onTestFinished, test } from 'vitest'
import { ProxyServer, type ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type KeyLoss, ProxyClient } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { createRig } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

function lossesOf(client: ProxyClient): KeyLoss[] {
  const losses: KeyLoss[] = []
  client.on('key-lost', (loss) => losses.push(loss))
  return losses
}

async function webServer(options: ProxyServerOptions = {}) {
  const server = new ProxyServer({ dht: null, drainMs: 200, ...options })
  const listener = await listen(server, { host: '127.0.0.1' })
  onTestFinished(() => server.destroy().then(() => listener.close()))
  return { server, port: (listener.address as AddressInfo).port }
}

test('of two tabs with one seed, the newer gets the key; the older is told once and does not reclaim it', async () => {
  const rig = await createRig({ testnet: null })
  const topic = freshTopic()
  const keyPair = createKeyPair()
  const older = rig.createSwarm({ keyPair })
  const losses = lossesOf(older)
  await older.join(topic).flushed()
  const newer = rig.createSwarm({ keyPair })
  const newerLosses = lossesOf(newer)
  await newer.join(topic).flushed()
  await until('the older client is told', () => losses.length === 1)
  expect(losses[0]).toMatchObject({ code: 'KEY_TAKEN', publicKey: keyPair.publicKey, error: { remote: true } })
  expect(older.listening).toBeNull()
  expect(await newer.listening).toBeTruthy()
  for (let i = 0; i < 5; i++) await older.status(topic)?.refresh()
  await turns()
  expect([losses.length, newerLosses.length]).toEqual([1, 0])
  // It still finds others and dials them.
  const peer = rig.createSwarm()
  peer.join(topic, { client: false })
  await until('it is connected to the peer', () => older.connections.size === 1)
})

test('the older client listens again when the newer one is gone, and is found', async () => {
  const rig = await createRig({ testnet: null })
  const topic = freshTopic()
  const keyPair = createKeyPair()
  const older = rig.createSwarm({ keyPair })
  const losses = lossesOf(older)
  await older.join(topic).flushed()
  const newer = rig.createSwarm({ keyPair })
  await newer.listen()
  await until('the older client is told', () => losses.length === 1)
  await expect(older.listen()).rejects.toMatchObject({ code: 'KEY_TAKEN' })
  expect(older.listening).toBeNull()
  await newer.destroy()
  await until('the server has noticed', () => rig.server.clients.size === 1)
  await older.listen()
  expect(older.listening).not.toBeNull()
  const peer = rig.createSwarm()
  peer.join(topic, { server: false })
  await until('the peer has found it', () => peer.connections.size === 1)
  expect(losses).toHaveLength(1)
})

test('a client that returns with a new session takes its key over from the old session, without an event', async () => {
  const rig = await createRig({ testnet: null, server: { graceMs: 60_000 } })
  const control = new LinkControl()
  const client = rig.createSwarm({ control })
  const losses = lossesOf(client)
  const { keyPair } = client
  await client.listen()
  // The process has died silently and starts again: the server still keeps the old session waiting for its link.
  control.isDown = true
  control.cut()
  await until('the old session waits', () => [...rig.server.clients][0]?.attached === false)
  const again = rig.createSwarm({ keyPair })
  const againLosses = lossesOf(again)
  await again.listen()
  const keys = [...rig.server.clients].map(({ publicKeys }) => publicKeys.length)
  expect(keys).toEqual([0, 1])
  expect([losses, againLosses]).toEqual([[], []])
})

test('a client identifies the server by its URL, and a server with another name refuses its key', async () => {
  const { port } = await webServer({ names: ['proxy.example'] })
  const client = new ProxyClient({ connect: websocket(`ws://127.0.0.1:${port}`) })
  onTestFinished(() => client.destroy())
  const losses = lossesOf(client)
  await expect(client.listen()).rejects.toMatchObject({ code: 'WRONG_SERVER' })
  expect(losses).toMatchObject([{ code: 'WRONG_SERVER' }])
  expect(losses[0]?.error.message).toMatch(/is for the server 127.0.0.1:\d+, but this server is proxy.example/)
})

test('over a WebSocket, the name in the URL and the Host header are the same', async () => {
  const { port, server } = await webServer()
  const client = new ProxyClient({ connect: websocket(`ws://LOCALHOST:${port}/path`) })
  onTestFinished(() => client.destroy())
  await client.listen()
  expect([...server.clients][0]?.publicKeys).toHaveLength(1)
})

test('over WebSockets, a server that forwards a whole greeting to another cannot use the proof there', async () => {
  const victim = await webServer()
  const honest = await webServer()
  // The client signs for one port, so the server on the other port does not accept it.
  const [connect] = websocket(`ws://127.0.0.1:${honest.port}`)
  if (connect === undefined) throw new Error('no connect')
  const lured = Object.assign(() => connect(), { serverName: `127.0.0.1:${victim.port}` })
  const client = new ProxyClient({ connect: lured })
  onTestFinished(() => client.destroy())
  await expect(client.listen()).rejects.toMatchObject({ code: 'WRONG_SERVER' })
})

test.each(['wss://Proxy.Example', 'wss://user@proxy.example:443/a?b', 'ws://proxy.example:80#c'])('%s', (url) => {
  expect(websocket(url)[0]?.serverName).toBe('proxy.example')
})

test('names are taken from URLs as in a Host header', () => {
  const urls = ['wss://[::1]:8443/x', 'ws://b\u00fccher.example/']
  expect(urls.map((url) => websocket(url)[0]?.serverName)).toEqual(['[::1]:8443', 'xn--bcher-kva.example'])
})

test('serverName names the server if connect does not', async () => {
  const rig = await createRig({ testnet: null, server: { names: ['proxy.example'] } })
  await expect(rig.createSwarm({ serverName: 'Proxy.Example:443' }).listen()).resolves.toBeTruthy()
  await expect(rig.createSwarm().listen()).rejects.toMatchObject({ code: 'WRONG_SERVER' })
  for (const serverName of ['a b', 'wss://a', 'a'.repeat(300), 7 as unknown as string])
    expect(() => rig.createSwarm({ serverName })).toThrow(/serverName/)
})
