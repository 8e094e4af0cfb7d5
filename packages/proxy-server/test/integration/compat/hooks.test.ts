/** The hooks that the server offers to applications, on which the compatibility entry points build. */
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { pause, until } from '../../../../runtime/test/support/until.js'
import { ProxyServer } from '../../../src/index.js'
import { rendezvousServer } from '../../support/servers.js'
import { hex, keysOf, TestClient, topicOf } from '../../support/test-client.js'

test('connectClientsTo reports the peer to every client that watches the topic, and to no other', async () => {
  const server = rendezvousServer()
  const clients = await Promise.all([1, 2, 3].map(() => TestClient.connect(server)))
  for (const client of clients.slice(1)) client.watch(topicOf(1))
  await until(() => server.stats.topics === 1)
  const { publicKey } = createKeyPair()
  await until(
    () => server.connectClientsTo(topicOf(1), publicKey, { relayAddresses: [{ host: '1.2.3.4', port: 5 }] }) === 2
  )
  await until(() => clients.every((client, i) => i === 0 || client.pushed.length > 0))
  expect(clients.map((client) => client.pushed.length > 0)).toEqual([false, true, true])
  expect(clients[1]?.pushed[0]).toMatchObject({ relayAddresses: [{ host: '1.2.3.4', port: 5 }] })
  expect(server.connectClientsTo(topicOf(2), publicKey)).toBe(0)
})

test.each([
  ['topic', [new Uint8Array(31), new Uint8Array(32)]],
  ['publicKey', [new Uint8Array(32), 'key']],
  ['relayAddresses', [new Uint8Array(32), new Uint8Array(32), { relayAddresses: 1 }]],
  ['relayAddresses', [new Uint8Array(32), new Uint8Array(32), { relayAddresses: [{ host: 'name', port: 1 }] }]],
  ['relayAddresses', [new Uint8Array(32), new Uint8Array(32), { relayAddresses: [{ host: '1.2.3.4', port: 0 }] }]],
  [
    'relayAddresses',
    [new Uint8Array(32), new Uint8Array(32), { relayAddresses: Array(9).fill({ host: '1.2.3.4', port: 1 }) }]
  ]
])('connectClientsTo refuses a bad %s with a coded TypeError', (name, args) => {
  const server = rendezvousServer()
  const call = server.connectClientsTo.bind(server) as (...args: unknown[]) => number
  expect(() => call(...args)).toThrow(expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT' }))
  expect(() => call(...args)).toThrow(name)
})

test('with connectClients false, peers from the application are reported to clients, but clients are not reported to each other', async () => {
  const server = rendezvousServer({ connectClients: false })
  const [a, b] = (await Promise.all([1, 2].map(() => TestClient.connect(server)))) as [TestClient, TestClient]
  a.watch(topicOf(3))
  await b.listen()
  expect(await b.announce(topicOf(3))).toEqual([])
  expect(await a.lookup(topicOf(3))).toEqual([])
  await pause(20)
  expect(a.pushed).toEqual([])
  const { publicKey } = createKeyPair()
  expect(server.connectClientsTo(topicOf(3), publicKey)).toBe(1)
  await until(() => a.pushed.length > 0)
  expect(keysOf(a.pushed)).toEqual([hex(publicKey)])
})

test('topic is emitted when the first client joins a topic and when the last one leaves it', async () => {
  const server = rendezvousServer()
  const told: [string, boolean][] = []
  server.on('topic', (topic, isOpen) => told.push([hex(topic), isOpen]))
  const [a, b] = (await Promise.all([1, 2].map(() => TestClient.connect(server)))) as [TestClient, TestClient]
  a.watch(topicOf(4))
  await b.listen()
  await b.announce(topicOf(4))
  await until(() => told.length > 0)
  a.unwatch(topicOf(4))
  await b.unannounce(topicOf(4))
  await until(() => told.length > 1)
  expect(told).toEqual([
    [hex(topicOf(4)), true],
    [hex(topicOf(4)), false]
  ])
})

test('ownKeys are not reported to clients', async () => {
  const own = createKeyPair()
  const server = rendezvousServer({ ownKeys: [own.publicKey] })
  const [a, b] = (await Promise.all([TestClient.connect(server, { keyPair: own }), TestClient.connect(server)])) as [
    TestClient,
    TestClient
  ]
  await a.listen()
  await a.announce(topicOf(5))
  expect(await b.lookup(topicOf(5))).toEqual([])
  for (const ownKeys of [7, [new Uint8Array(31)]])
    expect(() => new ProxyServer({ dht: null, ownKeys: ownKeys as never })).toThrow(TypeError)
})
