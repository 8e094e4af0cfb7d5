/**
 * A client that lost its link returns with a token that allows fewer topics. Its earlier watches and announcements
 * continued as if nothing had changed, because the new decision was applied only to new requests.
 */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { AuthGrant, ProxyServerOptions } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, hex, keysOf, TestClient, topicOf } from '../support/test-client.js'

type Allow = (topic: Uint8Array) => boolean | Promise<boolean>

/** Clients with `auth` are subject to the rule, which the test changes; others may do anything. */
function ruled(options: ProxyServerOptions = {}) {
  const rule: { allow: Allow } = { allow: () => true }
  const authenticate = ({ auth }: { auth: Uint8Array }): AuthGrant | boolean => {
    const { allow } = rule
    return auth.byteLength === 0 || { allowTopic: (topic) => allow(topic) }
  }
  return { rule, server: rendezvousServer({ authenticate, ...options }) }
}

const AUTH = { auth: b4a.from('x') }
const not = (topic: Uint8Array): Allow => {
  return (asked) => !b4a.equals(asked, topic)
}

test('a topic that is no longer allowed at a resume ends: its announcements, watches and queries', async () => {
  const { rule, server } = ruled()
  const client = await TestClient.connect(server, AUTH)
  const other = await TestClient.connect(server)
  for (const one of [client, other]) await one.listen()
  for (const topic of [topicOf(1), topicOf(2)]) {
    await client.announce(topic)
    client.watch(topic)
  }
  expect(await other.lookup(topicOf(1))).toHaveLength(1)
  rule.allow = not(topicOf(1))
  client.cut()
  await client.resume(server)
  await until(() => client.deniedTopics.length === 1)
  expect(client.deniedTopics[0]).toMatchObject({ error: { code: 'AUTH_DENIED' } })
  expect(hex(client.deniedTopics[0]?.topic ?? AUTH.auth)).toBe(hex(topicOf(1)))
  expect(await other.lookup(topicOf(1))).toEqual([])
  expect(await other.lookup(topicOf(2))).toHaveLength(1)
  // Updates of the topic stop; later updates of the other topic still arrive.
  await other.announce(topicOf(1))
  await other.announce(topicOf(2))
  await until(() => client.pushed.length > 0)
  expect(keysOf(client.pushed)).toEqual([hex(other.keyPair.publicKey)])
  expect([...server.clients][0]?.stats).toMatchObject({ topics: 1, watches: 1 })
  expect(await codeOf(client.lookup(topicOf(1)))).toBe('AUTH_DENIED')
})

test('a lookup in progress ends with the code', async () => {
  const { rule, server } = ruled()
  let decide: (isAllowed: boolean) => void = () => {}
  rule.allow = () =>
    new Promise((resolve) => {
      decide = resolve
    })
  const client = await TestClient.connect(server, AUTH)
  // It waits for this link's decision, which allows the topic after the next link's decision has denied it.
  const lookup = codeOf(client.lookup(topicOf(1)))
  await until(() => [...server.clients][0]?.stats.queries === 1)
  rule.allow = () => false
  client.cut()
  await client.resume(server)
  await until(() => client.deniedTopics.length > 0)
  decide(true)
  expect(await lookup).toBe('AUTH_DENIED')
})

test('a late decision is a denial', async () => {
  const { rule, server } = ruled({ limits: { authTimeoutMs: 50 } })
  const client = await TestClient.connect(server, AUTH)
  client.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  rule.allow = () => new Promise(() => {})
  client.cut()
  await client.resume(server)
  await until(() => client.deniedTopics.length === 1)
  expect(client.deniedTopics[0]?.error.code).toBe('AUTH_TIMEOUT')
  expect([...server.clients][0]?.stats.watches).toBe(0)
})

test('the decision of the latest link counts, whichever arrives last', async () => {
  const { rule, server } = ruled()
  const client = await TestClient.connect(server, AUTH)
  client.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  const asked: ((isAllowed: boolean) => void)[] = []
  rule.allow = () => new Promise((resolve) => asked.push(resolve))
  client.cut()
  await client.resume(server)
  await until(() => asked.length === 1)
  client.cut()
  await client.resume(server)
  await until(() => asked.length === 2)
  asked[1]?.(true)
  asked[0]?.(false)
  await client.listen()
  expect(client.deniedTopics).toEqual([])
  expect([...server.clients][0]?.stats.watches).toBe(1)
})

test('nothing is checked for a client that is allowed everything or connects for the first time', async () => {
  const { rule, server } = ruled()
  let count = 0
  rule.allow = () => {
    count++
    return true
  }
  const [free, bound] = [await TestClient.connect(server), await TestClient.connect(server, AUTH)]
  for (const one of [free, bound]) {
    one.watch(topicOf(1))
    // Answered after what was sent before it.
    await one.listen()
    one.cut()
    await one.resume(server)
    await one.listen()
  }
  // For the watch and at the resume.
  expect(count).toBe(2)
  expect(bound.deniedTopics).toEqual([])
})

// Each link that resumed a session had 32 topics checked at once, while those of the links before were still being checked.
test('a client that comes back over and over has the topics of four links checked at once, then of the latest', async () => {
  const { rule, server } = ruled()
  const client = await TestClient.connect(server, AUTH)
  for (let i = 0; i < 40; i++) client.watch(topicOf(i))
  await until(() => server.stats.topics === 40)
  const asked: (() => void)[] = []
  rule.allow = () => new Promise((resolve) => asked.push(() => resolve(true)))
  for (let i = 0; i < 8; i++) {
    client.cut()
    await client.resume(server)
  }
  await client.listen()
  expect(asked).toHaveLength(4 * 32)
  for (const answer of asked.splice(0)) answer()
  // Only the latest link's decisions matter by now.
  await until(() => asked.length === 32)
  for (const answer of asked.splice(0)) answer()
  await until(() => asked.length === 8)
  for (const answer of asked.splice(0)) answer()
})
