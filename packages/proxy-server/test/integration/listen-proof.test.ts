/**
 * A client's proof that it holds a key used to sign the server's nonce and the key alone. So a hostile server M gave
 * a client the nonce of M's own session at the honest server H, and took the key over at H with the client's proof.
 * From then on the client could not be reached at H, and did not know.
 */
import type { KeyPair } from '@swarmway/swarm/core'
import { createKeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyServer, ProxyServerOptions } from '../../src/index.js'
import { makeServer, rendezvousServer } from '../support/servers.js'
import { codeOf, hex, keysOf, TestClient, type TestClientOptions, topicOf } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

/** What M makes a victim sign: M has passed on the WELCOME of its own session at H. */
function lured(atH: TestClient, keyPair: KeyPair, serverName = ''): { victim: TestClient; proof: Uint8Array } {
  const victim = new TestClient({ keyPair, serverName })
  victim.welcome = atH.welcome
  return { victim, proof: victim.proof() }
}

/** M passes on the victim's HELLO as well: a relay of the whole greeting. */
async function relayed(server: ProxyServer, keyPair: KeyPair, options: TestClientOptions) {
  const victim = new TestClient({ keyPair, ...options })
  const m = new TestClient(options)
  m.clientNonce = victim.clientNonce
  await m.connect(server)
  victim.welcome = m.welcome
  return m.listen(keyPair, victim.proof())
}

function owners(server: ProxyServer, keyPair: KeyPair): number[] {
  const holds = [...server.clients].map(({ publicKeys }) =>
    publicKeys.some((key) => b4a.equals(key, keyPair.publicKey))
  )
  return holds.flatMap((isHeld, index) => (isHeld ? [index] : []))
}

test.each(['before', 'while', 'after'])('a proof for M is refused at H, %s the victim connects', async (when) => {
  const server = rendezvousServer()
  const keyPair = createKeyPair()
  const m = await TestClient.connect(server)
  const { proof } = lured(m, keyPair)
  const atH = new TestClient({ keyPair })
  if (when !== 'before') await atH.connect(server).then(() => atH.listen())
  if (when === 'after') atH.session.destroy()
  expect(await codeOf(m.listen(keyPair, proof))).toBe('AUTH_DENIED')
  expect(owners(server, keyPair)).toEqual(when === 'while' ? [1] : [])
})

test('a victim that is at H first and meets M later keeps its key', async () => {
  const server = rendezvousServer()
  const keyPair = createKeyPair()
  const atH = await TestClient.connect(server, { keyPair })
  await atH.listen()
  const m = await TestClient.connect(server)
  expect(await codeOf(m.listen(keyPair, lured(m, keyPair).proof))).toBe('AUTH_DENIED')
  // A session that M has resumed is the same session.
  m.cut()
  await m.resume(server)
  expect(await codeOf(m.listen(keyPair, lured(m, keyPair).proof))).toBe('AUTH_DENIED')
  expect(owners(server, keyPair)).toEqual([0])
  expect(atH.lostKeys).toEqual([])
})

const NAMED: [what: string, ProxyServerOptions, TestClientOptions][] = [
  ['with names', { names: ['h.example'] }, { serverName: 'm.example' }],
  ['with names, whatever M puts into its Host header', { names: ['h.example'] }, { serverName: 'm', host: 'm' }],
  ['that is addressed by another host', {}, { serverName: 'm.example', host: 'h.example' }],
  ['that is addressed on another port', {}, { serverName: '127.0.0.1:1', host: '127.0.0.1:2' }]
]

test.each(NAMED)('a server %s refuses a proof that M relayed with the whole greeting', async (_, options, client) => {
  const server = rendezvousServer(options)
  const keyPair = createKeyPair()
  const refused = relayed(server, keyPair, client)
  expect(await codeOf(refused)).toBe('WRONG_SERVER')
  await expect(refused).rejects.toThrow(/names/)
  expect(owners(server, keyPair)).toEqual([])
})

test('a server accepts its own names in any form, and no others', async () => {
  const server = rendezvousServer({ names: ['H.example:443', 'other.example:8443'] })
  const codes = ['h.example', 'H.EXAMPLE', 'other.example:8443', 'other.example', ''].map(async (serverName) =>
    codeOf((await TestClient.connect(server, { serverName })).listen())
  )
  expect(await Promise.all(codes)).toEqual(['none', 'none', 'none', 'WRONG_SERVER', 'WRONG_SERVER'])
})

test('without names, a client or a link that names no server is accepted', async () => {
  const server = rendezvousServer()
  const clients = [{ host: 'h.example' }, { serverName: 'h.example' }, {}]
  const codes = clients.map(async (options) => codeOf((await TestClient.connect(server, options)).listen()))
  expect(await Promise.all(codes)).toEqual(['none', 'none', 'none'])
})

test.each([[['a b']], [['https://h.example']], ['h.example'], [[1]]])('the names %j are refused', (names) => {
  expect(() => rendezvousServer({ names } as unknown as ProxyServerOptions)).toThrow(/names must be/)
})

test('the newer of two sessions gets the key, whenever its proof arrives, and the older one is notified', async () => {
  const server = rendezvousServer()
  const keyPair = createKeyPair()
  const [older, newer] = [await TestClient.connect(server, { keyPair }), await TestClient.connect(server, { keyPair })]
  await older.listen()
  expect(owners(server, keyPair)).toEqual([0])
  await newer.listen()
  await until(() => older.lostKeys.length === 1)
  expect(hex(older.lostKeys[0] ?? new Uint8Array())).toBe(hex(keyPair.publicKey))
  expect(await codeOf(older.listen())).toBe('KEY_TAKEN')
  // A resumed session keeps its age.
  older.cut()
  await older.resume(server)
  expect(await codeOf(older.listen())).toBe('KEY_TAKEN')
  newer.cut()
  expect(await codeOf(older.listen())).toBe('KEY_TAKEN')
  expect(owners(server, keyPair)).toEqual([1])
  expect(newer.lostKeys).toEqual([])
})

test('the older session can get the key again when the newer one gives it up', async () => {
  const server = rendezvousServer()
  const keyPair = createKeyPair()
  const [older, newer] = [await TestClient.connect(server, { keyPair }), await TestClient.connect(server, { keyPair })]
  await newer.listen()
  expect(await codeOf(older.listen())).toBe('KEY_TAKEN')
  newer.session.destroy()
  await until(() => server.clients.size === 1)
  expect(await codeOf(older.listen())).toBe('none')
})

test('the session that lost its key leaves its topics, and withdraws nothing of the other', async () => {
  const server = rendezvousServer()
  const keyPair = createKeyPair()
  const [older, newer] = [await TestClient.connect(server, { keyPair }), await TestClient.connect(server, { keyPair })]
  const asker = await TestClient.connect(server)
  await older.listen()
  await older.announce(topicOf(1))
  await older.announce(topicOf(2))
  await newer.listen()
  await newer.announce(topicOf(2))
  expect(await asker.lookup(topicOf(1))).toEqual([])
  expect(await codeOf(older.announce(topicOf(1)))).toBe('AUTH_DENIED')
  await older.unannounce(topicOf(2))
  await older.query(2, topicOf(2), keyPair.publicKey)
  expect(keysOf(await asker.lookup(topicOf(2)))).toEqual([hex(keyPair.publicKey)])
})

test('it also leaves the announcements of the other in the DHT, made with the same key', async () => {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST })
  const keyPair = createKeyPair()
  const [older, newer] = [await TestClient.connect(server, { keyPair }), await TestClient.connect(server, { keyPair })]
  await older.listen()
  await older.announce(topicOf(3))
  await newer.listen()
  await newer.announce(topicOf(3))
  await older.unannounce(topicOf(3))
  await older.query(2, topicOf(3), keyPair.publicKey)
  let count = 0
  for await (const { peers } of net.node().lookup(topicOf(3))) count += peers.length
  expect(count).toBeGreaterThan(0)
})
