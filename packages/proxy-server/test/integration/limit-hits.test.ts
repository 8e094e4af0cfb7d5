import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { DEFAULT_SERVER_LIMITS } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'

test('a refusal by a limit is counted under the limit’s name', async () => {
  const server = rendezvousServer({ limits: { maxClients: 1, maxTopics: 1, maxKeys: 1, maxWatches: 1 } })
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

test('open connections are counted separately from closed ones', async () => {
  const server = rendezvousServer()
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  const stream = await a.dial(b.keyPair.publicKey)
  expect(server.stats).toMatchObject({ splicesOpen: 1, dhtConnectionsOpen: 0, splices: 1 })
  stream.destroy()
  await until(() => server.stats.splicesOpen === 0)
  expect(server.stats).toMatchObject({ splices: 1 })
})

test('codes that a client makes up do not fill its own statistics', async () => {
  // Only the server's totals were bounded: a client's own counts grew with every new code, and were copied each time.
  const server = rendezvousServer()
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  const resets = () => [...server.clients].map((client) => client.stats.resets)
  const total = () => Object.values(resets()[0] ?? {}).reduce((sum, one) => sum + one, 0)
  for (let i = 0; i < 80; i++) {
    const stream = await a.dial(b.keyPair.publicKey)
    stream.on('error', () => {}).destroy(new ProxyError(`CODE_${i}`, ''))
    await until(() => total() === i + 1)
  }
  for (const counts of resets()) expect(counts['OTHER']).toBe(80 - 64)
})

test('the current limits can be read', () => {
  const { limits } = rendezvousServer({ limits: { maxClients: 7 } })
  expect(limits).toEqual({ ...DEFAULT_SERVER_LIMITS, maxClients: 7, maxClientsPerNetwork: 7 })
})
