/** Every limit of a server that a client can exceed is reported to its application by a code that names it. */
import type { Connection } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import type { ServerLimits } from '../../../proxy-server/src/index.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { DialFailure, DiscoveryFailure, ProxyClient } from '../../src/index.js'
import { createRig } from '../support/rig.js'

async function limited(limits: Partial<ServerLimits>) {
  const rig = await createRig({ testnet: null })
  const { door, server } = await rig.createServer({ limits })
  const client = rig.createSwarm({ door })
  const failures: DiscoveryFailure[] = []
  client.on('discovery-error', (failure) => failures.push(failure))
  await until('a link', () => client.connected)
  return { client, door, failures, rig, server, peer: () => rig.createSwarm({ door }) }
}

function dialErrors(client: ProxyClient): DialFailure[] {
  const failures: DialFailure[] = []
  client.on('dial-error', (failure) => failures.push(failure))
  return failures
}

test('maxTopics: the topic that has no room is named by discovery-error, and gets the next one that comes free', async () => {
  // It was neither announced nor reported: `flushed` said false, and nothing said why.
  const { client, failures, peer } = await limited({ maxTopics: 1 })
  const [first, second] = [freshTopic(), freshTopic()]
  expect(await client.join(first).flushed()).toBe(true)
  expect(await client.join(second).flushed()).toBe(false)
  const message = 'announcements (maxTopics): the limit is 1'
  expect(failures).toMatchObject([{ topic: second, isServer: true, code: 'LIMIT', error: { message } }])
  expect(failures[0]?.nextTryMs).toBeGreaterThan(0)
  await client.leave(first)
  peer().join(second, { server: false })
  await until('a peer found it', () => client.connections.size === 1)
})

test('maxWatches: the topic of which newcomers are not reported is named, and is watched when room comes free', async () => {
  // The server ignored it, and the client believed that newcomers would be reported.
  const { client, failures, server } = await limited({ maxWatches: 1 })
  const [first, second] = [freshTopic(), freshTopic()]
  await client.join(first, { server: false }).flushed()
  client.join(second, { server: false })
  await until('the refusal', () => failures.length === 1)
  const message = 'watched topics (maxWatches): the limit is 1'
  expect(failures).toMatchObject([
    { topic: second, isServer: false, code: 'LIMIT', error: { message }, nextTryMs: null }
  ])
  await client.leave(first)
  const [session] = server.clients
  await until('it is watched', () => session?.stats.watches === 1)
  expect(failures).toHaveLength(1)
})

test('maxQueries: a lookup and a record beyond it are refused with LIMIT', async () => {
  const { client, failures } = await limited({ maxQueries: 1 })
  const topics = Array.from({ length: 4 }, () => freshTopic())
  for (const topic of topics) client.join(topic, { server: false })
  await until('a refusal', () => failures.length > 0)
  expect(failures[0]).toMatchObject({ code: 'LIMIT', error: { message: expect.stringContaining('maxQueries') } })
})

test('maxKeys: listen rejects with LIMIT', async () => {
  const { client } = await limited({ maxKeys: 0 })
  await expect(client.listen()).rejects.toMatchObject({ code: 'LIMIT', message: expect.stringContaining('maxKeys') })
})

test('maxDials: the dial ends with LIMIT', async () => {
  const { client } = await limited({ maxDials: 0 })
  const failures = dialErrors(client)
  await expect(client.connect(freshTopic())).rejects.toMatchObject({ code: 'LIMIT' })
  expect(failures).toMatchObject([{ code: 'LIMIT', error: { message: expect.stringContaining('maxDials') } }])
})

test('maxStreams: the dial beyond it ends with LIMIT, and succeeds when a stream has ended', async () => {
  const { client, peer } = await limited({ maxStreams: 1 })
  const [a, b] = [peer(), peer()]
  await Promise.all([a.listen(), b.listen()])
  const first: Connection = await client.connect(a.keyPair.publicKey)
  await expect(client.connect(b.keyPair.publicKey)).rejects.toMatchObject({
    code: 'LIMIT',
    cause: { message: expect.stringContaining('maxStreams') }
  })
  first.destroy()
  await until('its end', () => client.connections.size === 0 && a.connections.size === 0)
  await client.connect(b.keyPair.publicKey)
})

test('maxClients: the event disconnected has LIMIT', async () => {
  const { peer } = await limited({ maxClients: 1 })
  const second = peer()
  const { error } = await new Promise<{ error: Error & { code: string } }>((resolve) =>
    second.once('disconnected', resolve)
  )
  expect(error).toMatchObject({ code: 'LIMIT', retryable: true })
})
