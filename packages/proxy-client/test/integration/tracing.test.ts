/** Every decision of client and server about links, sessions, streams, keys and dials is traced with its reason. */

import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { denied } from '../../../proxy-server/src/errors.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { traced } from '../../../runtime/test/support/traced.js'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig, useTestnet } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

const testnet = useTestnet()
/** A client's name in traces. */
const CLIENT = expect.stringMatching(/^client-\d+$/)

function short(key: Uint8Array): string {
  return b4a.toString(key.subarray(0, 4), 'hex')
}

test('two clients that meet: greetings, keys, the dial and its streams', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null })
  const topic = freshTopic()
  const [a, b] = [rig.createSwarm(), rig.createSwarm()]
  await a.join(topic, { client: false }).flushed()
  b.join(topic, { server: false })
  const [near] = await connectionBetween(a, b)
  const key = short(a.keyPair.publicKey)
  expect(named('client', 'connected')).toContainEqual({ session: CLIENT, resumed: false, graceMs: expect.any(Number) })
  expect(named('link', 'open')).toHaveLength(4)
  expect(named('session', 'attached')).toContainEqual({ session: 1, link: expect.any(Number), links: 1 })
  expect(named('server', 'session-open')).toEqual([{ session: 1 }, { session: 2 }])
  expect(named('server', 'listening')).toContainEqual({ key })
  expect(named('server', 'dial')).toContainEqual({ peer: key, way: 'local' })
  expect(named('server', 'dialled')).toEqual([{ peer: key }])
  expect(named('stream', 'opened').length).toBeGreaterThanOrEqual(4)
  near.destroy()
  await until('the streams are reset', () => named('stream', 'reset').length > 0)
  expect(named('stream', 'reset')[0]).toMatchObject({ id: expect.any(Number), code: expect.any(String) })
})

test('a link that is cut: the reason, the retry, and the resumed session', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null })
  const control = new LinkControl()
  const client = rig.createSwarm({ control })
  await client.listen()
  control.cut()
  await until('the session is resumed', () => named('client', 'connected').some(({ resumed }) => resumed === true))
  const lost = { code: 'LINK_CLOSED', reason: expect.any(String) }
  expect(named('link', 'closed')[0]).toMatchObject({ ...lost, remote: false, bytesOut: expect.any(Number) })
  expect(named('client', 'disconnected')).toEqual([{ session: CLIENT, ...lost, retryMs: expect.any(Number) }])
  expect(named('session', 'detached')).toContainEqual({ session: 1, ...lost })
  expect(named('server', 'session-resumed')).toEqual([{ session: 1 }])
})

/** With many clients, nobody could tell whose link had closed, or whose stream was reset. */
test('the lines of one client carry its session at both ends: its links, also after a cut, and its streams', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null })
  const control = new LinkControl()
  const cut = rig.createSwarm({ control })
  await cut.listen()
  const other = rig.createSwarm()
  await other.connect(cut.keyPair.publicKey)
  control.cut()
  await until('the session is resumed', () => named('server', 'session-resumed').length > 0)
  await until(
    'both ends have resumed',
    () => named('session', 'attached').filter(({ links }) => links === 2).length === 2
  )
  const linksOf = (session: unknown) =>
    named('session', 'attached').flatMap((line) => (line['session'] === session ? [line['link']] : []))
  const greeted = named('server', 'greeting').map(({ link }) => link)
  expect([...linksOf(1), ...linksOf(2)].sort()).toEqual(greeted.sort())
  expect([linksOf(1).length, linksOf(2).length]).toEqual([2, 1])
  const [name, otherName] = named('client', 'connected').map(({ session }) => session)
  expect([linksOf(name).length, linksOf(otherName).length]).toEqual([2, 1])
  const closed = named('link', 'closed').map(({ link, session }) => [session, link])
  expect(closed).toContainEqual([1, linksOf(1)[0]])
  expect(closed).toContainEqual([name, linksOf(name)[0]])
  const streams = named('stream', 'opened').map(({ session }) => session)
  expect(new Set(streams)).toEqual(new Set([1, 2, name, otherName]))
})

test('a session whose client does not return: the grace period, and the end on both sides', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null, server: { graceMs: 20 } })
  const control = new LinkControl()
  const client = rig.createSwarm({ control })
  await client.listen()
  control.isDown = true
  control.cut()
  await until('the session has expired', () => named('client', 'session-lost').length > 0)
  await until('the server has ended it', () => named('server', 'session-closed').length > 0)
  expect(named('server', 'session-waiting')).toMatchObject([{ session: 1, graceMs: 20, code: 'LINK_CLOSED' }])
  expect(named('server', 'session-closed')).toMatchObject([{ session: 1, code: 'SESSION_EXPIRED' }])
  expect(named('client', 'session-lost')).toMatchObject([{ code: 'SESSION_EXPIRED' }])
  expect(named('session', 'closed')).toContainEqual(expect.objectContaining({ code: 'SESSION_EXPIRED' }))
})

test('a client that is denied', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null, server: { authenticate: () => Promise.reject(denied('not you')) } })
  rig.createSwarm()
  await until('it is denied', () => named('client', 'disconnected').length > 0)
  expect(named('server', 'denied')).toEqual([{ link: expect.any(Number), code: 'AUTH_DENIED', reason: 'not you' }])
  expect(named('client', 'disconnected')).toEqual([
    { session: CLIENT, code: 'AUTH_DENIED', reason: 'not you', retryMs: expect.any(Number) }
  ])
})

test('a limit that refuses a client', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null, server: { limits: { maxClients: 1 } } })
  await rig.createSwarm().listen()
  rig.createSwarm()
  await until('the second one is denied', () => named('server', 'denied').length > 0)
  expect(named('server', 'limit')).toContainEqual({ limit: 'maxClients' })
  expect(named('server', 'denied')[0]).toMatchObject({ code: 'LIMIT' })
})

test('a key that moves to a newer session', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null })
  const keyPair = createKeyPair()
  await rig.createSwarm({ keyPair }).listen()
  await rig.createSwarm({ keyPair }).listen()
  await until('the older client is told', () => named('client', 'key-lost').length > 0)
  const key = short(keyPair.publicKey)
  expect(named('client', 'key-lost')).toMatchObject([{ key, code: 'KEY_TAKEN' }])
  expect(named('server', 'key-moved')).toEqual([{ key }])
})

test('a dial to a key that nobody has', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: null })
  const { publicKey } = createKeyPair()
  rig.createSwarm().joinPeer(publicKey)
  await until('the dial has failed', () => named('dial', 'failed').length > 0)
  expect(named('server', 'dial')[0]).toEqual({ peer: short(publicKey), way: 'none' })
  expect(named('server', 'dial-failed')[0]).toMatchObject({ peer: short(publicKey), code: 'PEER_NOT_FOUND' })
})

test('a server that announces, looks up and dials in the DHT for a client', async () => {
  const { named } = traced()
  const rig = await createRig({ testnet: testnet() })
  const topic = freshTopic()
  const native = rig.createNative()
  await native.join(topic, { client: false }).flushed()
  const client = rig.createSwarm()
  client.join(topic, { server: false })
  await connectionBetween(client, native)
  const other = rig.createSwarm()
  await other.join(freshTopic()).flushed()
  const found = { topic: short(topic), durationMs: expect.any(Number) }
  await until('the lookup has ended', () => named('server', 'lookup').length > 0)
  expect(named('server', 'lookup')).toContainEqual({ ...found, peers: 1 })
  expect(named('server', 'dial')).toContainEqual({ peer: short(native.keyPair.publicKey), way: 'dht' })
  await until('the announcement is made', () => named('server', 'announced').length > 0)
})

test('a topic that the server no longer allows', async () => {
  const { named } = traced()
  const topic = freshTopic()
  const rule = { isAllowed: true }
  const authenticate = () => ({ allowTopic: () => rule.isAllowed })
  const rig = await createRig({ testnet: null, server: { authenticate } })
  const control = new LinkControl()
  const client = rig.createSwarm({ control })
  await client.join(topic).flushed()
  rule.isAllowed = false
  control.cut()
  await until('it is denied', () => named('client', 'topic-denied').length > 0)
  expect(named('client', 'topic-denied')[0]).toMatchObject({ topic: short(topic), code: 'AUTH_DENIED' })
})
