import { expect, test } from 'vitest'
import { DEFAULT_SERVER_LIMITS } from '../src/index.js'
import { hubServer } from './support/servers.js'
import { codeOf, TestClient, topicOf, until } from './support/test-client.js'

test('what a limit refuses is counted under its name', async () => {
  const server = hubServer({ limits: { maxClients: 1, maxTopics: 1, maxKeys: 1, maxWatches: 1 } })
  const client = await TestClient.connect(server)
  expect(await codeOf(TestClient.connect(server))).toBe('LIMIT')
  await client.listen()
  await client.announce(topicOf(1))
  expect(await codeOf(client.announce(topicOf(2)))).toBe('LIMIT')
  expect(await codeOf(client.announce(topicOf(3)))).toBe('LIMIT')
  for (const seed of [1, 2]) client.watch(topicOf(seed))
  await until(() => server.stats.limitHits.maxWatches === 1)
  expect(server.stats.limitHits).toEqual({ maxClients: 1, maxTopics: 2, maxWatches: 1 })
  expect(server.stats.denied).toEqual({ LIMIT: 1 })
})

test('open connections are told apart from those that have been', async () => {
  const server = hubServer()
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  const stream = await a.dial(b.keyPair.publicKey)
  expect(server.stats).toMatchObject({ splicesOpen: 1, dhtConnectionsOpen: 0, splices: 1 })
  stream.destroy()
  await until(() => server.stats.splicesOpen === 0)
  expect(server.stats).toMatchObject({ splices: 1 })
})

test('the limits in force can be read', () => {
  const { limits } = hubServer({ limits: { maxClients: 7 } })
  expect(limits).toEqual({ ...DEFAULT_SERVER_LIMITS, maxClients: 7 })
})
