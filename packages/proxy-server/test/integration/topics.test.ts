import { QUERY_KIND } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { pause, until } from '../../../runtime/test/support/until.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, hex, keysOf, TestClient, topicOf } from '../support/test-client.js'

async function listening(server: Parameters<typeof TestClient.connect>[0], count: number): Promise<TestClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => TestClient.connect(server)))
  await Promise.all(clients.map((client) => client.listen()))
  return clients
}

test('clients of one server find each other by a query and by notifications', async () => {
  const server = rendezvousServer()
  const [a, b, c] = (await listening(server, 3)) as [TestClient, TestClient, TestClient]
  const topic = topicOf(1)
  a.watch(topic)
  expect(await a.announce(topic)).toEqual([])
  expect(keysOf(await b.announce(topic))).toEqual([hex(a.keyPair.publicKey)])
  expect(keysOf(await c.lookup(topic))).toEqual(keysOf([a, b].map(found)))
  await until(() => a.pushed.length > 0)
  expect(keysOf(a.pushed)).toEqual([hex(b.keyPair.publicKey)])
  // Announcing again is not reported, and no client is reported to itself.
  await b.announce(topic)
  await a.announce(topic)
  await pause(20)
  expect(a.pushed).toHaveLength(1)
  expect(server.stats.topics).toBe(1)
})

test('a client that withdraws its announcement, gives up its key or vanishes is no longer found', async () => {
  const server = rendezvousServer()
  const [a, b, c, d] = (await listening(server, 4)) as [TestClient, TestClient, TestClient, TestClient]
  const topic = topicOf(2)
  for (const client of [a, b, c]) await client.announce(topic)
  expect(await d.lookup(topic)).toHaveLength(3)
  await a.unannounce(topic)
  expect(keysOf(await d.lookup(topic))).toEqual(keysOf([b, c].map(found)))
  await b.unlisten()
  expect(keysOf(await d.lookup(topic))).toEqual(keysOf([c].map(found)))
  c.session.destroy()
  await until(() => server.clients.size === 3)
  expect(await d.lookup(topic)).toEqual([])
  await d.announce(topic)
  expect(await d.query(QUERY_KIND.LOOKUP_AND_UNANNOUNCE, topic, d.keyPair.publicKey)).toEqual([])
  expect(server.stats.topics).toBe(0)
})

test('UNWATCH ends the notifications, and an unused topic is forgotten', async () => {
  const server = rendezvousServer()
  const [a, b] = (await listening(server, 2)) as [TestClient, TestClient]
  a.watch(topicOf(3))
  a.watch(topicOf(3))
  a.unwatch(topicOf(3))
  await b.announce(topicOf(3))
  await pause(20)
  expect(a.pushed).toEqual([])
  await b.unannounce(topicOf(3))
  expect(server.stats.topics).toBe(0)
})

test('500 clients announcing one topic at the same moment all find each other at once', async () => {
  const server = rendezvousServer()
  const clients = await listening(server, 500)
  const topic = topicOf(4)
  for (const client of clients) client.watch(topic)
  const started = performance.now()
  const found = await Promise.all(clients.map((client) => client.announce(topic)))
  const count = (i: number) => (found[i]?.length ?? 0) + (clients[i]?.pushed.length ?? 0)
  await until(() => clients.every((_, i) => count(i) >= 499))
  console.info(`500 clients knew each other after ${Math.round(performance.now() - started)} ms`)
  const known = clients.map((client, i) => new Set(keysOf([...(found[i] ?? []), ...client.pushed])).size)
  expect(new Set(known)).toEqual(new Set([499]))
})

test('only a proven key can be announced', async () => {
  const server = rendezvousServer()
  const [a, b] = (await listening(server, 2)) as [TestClient, TestClient]
  expect(await codeOf(a.announce(topicOf(5), b.keyPair.publicKey))).toBe('AUTH_DENIED')
  const other = createKeyPair()
  expect(await codeOf(a.listen(other, b.proof(other)))).toBe('AUTH_DENIED')
  expect(await codeOf(a.listen(other, new Uint8Array(64)))).toBe('AUTH_DENIED')
  await a.listen(other)
  await a.announce(topicOf(5), other.publicKey)
  expect(keysOf(await b.lookup(topicOf(5)))).toEqual([hex(other.publicKey)])
  // Unannouncing another client's key has no effect here.
  await b.unannounce(topicOf(5), other.publicKey)
  expect(await b.lookup(topicOf(5))).toHaveLength(1)
})

test('maxTopics and maxKeys refuse one more', async () => {
  const server = rendezvousServer({ limits: { maxTopics: 2, maxKeys: 2 } })
  const [a] = (await listening(server, 1)) as [TestClient]
  const [second, third] = [createKeyPair(), createKeyPair()]
  await a.listen(second)
  await a.listen(second)
  expect(await codeOf(a.listen(third))).toBe('LIMIT')
  await a.announce(topicOf(1))
  await a.announce(topicOf(1), second.publicKey)
  expect(await codeOf(a.announce(topicOf(2)))).toBe('LIMIT')
  await a.announce(topicOf(1))
  await a.unannounce(topicOf(1))
  await a.announce(topicOf(2))
  await a.unlisten(second.publicKey)
  await a.listen(third)
  expect([...server.clients][0]?.stats).toMatchObject({ keys: 2, topics: 1 })
})

test('maxWatches: further ones are ignored', async () => {
  const server = rendezvousServer({ limits: { maxWatches: 1 } })
  const [a, b] = (await listening(server, 2)) as [TestClient, TestClient]
  a.watch(topicOf(1))
  a.watch(topicOf(2))
  await b.announce(topicOf(1))
  await b.announce(topicOf(2))
  await until(() => a.pushed.length > 0)
  await pause(20)
  expect(a.pushed).toHaveLength(1)
})

test('maxLocalPeers bounds the peers that one query reports', async () => {
  const server = rendezvousServer({ limits: { maxLocalPeers: 5 } })
  const clients = await listening(server, 9)
  for (const client of clients) await client.announce(topicOf(1))
  expect(await clients[0]?.lookup(topicOf(1))).toHaveLength(5)
})

test('a topic that a client may not use is not watched', async () => {
  const server = rendezvousServer({ authenticate: () => ({ allowTopic: (topic) => topic[0] !== 9 }) })
  const [a] = (await listening(server, 1)) as [TestClient]
  a.watch(topicOf(9))
  a.watch(topicOf(8))
  await until(() => server.stats.topics === 1)
  expect([...server.clients][0]?.stats.watches).toBe(1)
})

test('connectClients false keeps clients apart', async () => {
  const server = rendezvousServer({ connectClients: false })
  const [a, b] = (await listening(server, 2)) as [TestClient, TestClient]
  a.watch(topicOf(1))
  await b.announce(topicOf(1))
  expect(await a.lookup(topicOf(1))).toEqual([])
  await pause(20)
  expect(a.pushed).toEqual([])
  expect(await codeOf(a.dial(b.keyPair.publicKey))).toBe('PEER_NOT_FOUND')
})

test('the latest proof gets the key: a returning client is not locked out by its own old session', async () => {
  const server = rendezvousServer()
  const [a, other] = (await listening(server, 2)) as [TestClient, TestClient]
  await a.announce(topicOf(1))
  const again = await TestClient.connect(server, { keyPair: a.keyPair })
  await again.listen()
  expect(await other.lookup(topicOf(1))).toEqual([])
  await again.announce(topicOf(1))
  expect(await codeOf(a.announce(topicOf(2)))).toBe('AUTH_DENIED')
  // The end of the old session does not affect the new one.
  await a.unlisten()
  a.session.destroy()
  await until(() => server.clients.size === 2)
  expect(await other.lookup(topicOf(1))).toHaveLength(1)
  await other.dial(a.keyPair.publicKey)
  await until(() => again.accepted.length === 1)
})

function found(client: TestClient) {
  return { publicKey: client.keyPair.publicKey, relayAddresses: [] }
}

// Each announcement of a key that came and went cost a message to every watcher.
test('a client that announces and withdraws its key again and again is reported to watchers once', async () => {
  const server = rendezvousServer()
  const watcher = await TestClient.connect(server)
  watcher.watch(topicOf(1))
  const client = await TestClient.connect(server)
  await client.listen()
  for (let i = 0; i < 50; i++) {
    await client.announce(topicOf(1))
    await client.unannounce(topicOf(1))
  }
  const other = await TestClient.connect(server)
  await other.listen()
  await other.announce(topicOf(1))
  await until(() => watcher.pushed.some(({ publicKey }) => hex(publicKey) === hex(other.keyPair.publicKey)))
  const reports = watcher.pushed.filter(({ publicKey }) => hex(publicKey) === hex(client.keyPair.publicKey))
  expect(reports.length).toBeLessThan(4)
})
