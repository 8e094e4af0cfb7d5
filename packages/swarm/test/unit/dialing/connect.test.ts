import { expect, test } from 'vitest'
import { createKeyPair } from '../../../src/util/keys.js'
import { createFakeNetwork } from '../../support/fake-swarm.js'

async function setUp() {
  const fake = createFakeNetwork()
  const server = fake.createSwarm()
  await server.listen()
  const client = fake.createSwarm({ dialTimeoutMs: 10_000 })
  return { ...fake, server, client, key: server.keyPair.publicKey }
}

test('connect resolves to the connection from the connection event', async () => {
  const { client, key } = await setUp()
  const shown: unknown[] = []
  client.on('connection', (connection, info) => shown.push(connection, info.publicKey))
  const connection = await client.connect(key)
  expect(shown).toEqual([connection, key])
})

test('simultaneous calls share one dial, and later calls share the connection', async () => {
  const { client, key } = await setUp()
  const [one, other] = await Promise.all([client.connect(key), client.connect(key)])
  expect(one).toBe(other)
  expect(await client.connect(key)).toBe(one)
  expect(client.node.dials).toHaveLength(1)
})

test('connect resolves to a connection that the remote makes meanwhile', async () => {
  const { client, server, network, clock, key } = await setUp()
  await client.listen()
  network.dialFate = (from) => (from === undefined ? 'pass' : 'pass')
  const inbound = server.connect(client.keyPair.publicKey)
  const outbound = client.connect(key)
  await clock.advance(5000)
  const [ours, theirs] = await Promise.all([outbound, inbound])
  expect([client.connections.size, server.connections.size]).toEqual([1, 1])
  expect([client.connections.has(ours), server.connections.has(theirs)]).toEqual([true, true])
})

test('connect ignores all limits', async () => {
  const { createSwarm, key } = await setUp()
  const client = createSwarm({ maxPeers: 0, maxClientConnections: 0 })
  expect((await client.connect(key)).remotePublicKey).toEqual(key)
})

test.each(['PEER_NOT_FOUND', 'HOLEPUNCH_ABORTED', 'SOMETHING_NEW'])(
  'connect rejects with the code that ended the dial, and does not dial again: %s',
  async (code) => {
    const { clock, client, network, key } = await setUp()
    network.dialFate = () => ({ code })
    const failures: string[] = []
    client.on('dial-error', (failure) => failures.push(failure.code))
    await expect(client.connect(key)).rejects.toMatchObject({ name: 'SwarmError', code })
    await clock.advance(3_600_000)
    expect(failures).toEqual([code])
    expect(client.peers.size).toBe(0)
  }
)

test('a dial that hangs ends with DIAL_TIMEOUT', async () => {
  const { clock, client, network, key } = await setUp()
  network.dialFate = () => 'hang'
  const failed = expect(client.connect(key)).rejects.toMatchObject({ code: 'DIAL_TIMEOUT' })
  await clock.advance(10_000)
  await failed
  expect(client.node.dials[0]?.connection.destroying).toBe(true)
})

test('an abort ends the call, and the dial if nothing else wants it', async () => {
  const { clock, client, network, key } = await setUp()
  network.dialFate = () => 'hang'
  const abort = new AbortController()
  const failed = expect(client.connect(key, { signal: abort.signal })).rejects.toMatchObject({
    code: 'ABORTED',
    cause: 'enough'
  })
  await clock.advance(0)
  abort.abort('enough')
  await failed
  expect(client.connecting).toBe(0)
  expect(client.node.dials[0]?.connection.destroying).toBe(true)
  expect(client.stats.dials).toEqual({ CANCELLED: 1 })
})

test('an abort of one call leaves the dial to the other call', async () => {
  const { clock, client, network, key } = await setUp()
  network.latencyMs = 5
  const abort = new AbortController()
  const failed = expect(client.connect(key, { signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  const connected = client.connect(key)
  abort.abort()
  await failed
  await clock.advance(100)
  expect((await connected).remotePublicKey).toEqual(key)
})

test('an abort after the connection changes nothing', async () => {
  const { client, key } = await setUp()
  const abort = new AbortController()
  const connection = await client.connect(key, { signal: abort.signal })
  abort.abort()
  expect(connection.destroying).toBe(false)
})

test('a call that cannot succeed is refused at once, with a code', async () => {
  const { client, server, key } = await setUp()
  const own = client.keyPair.publicKey
  await expect(client.connect(own)).rejects.toMatchObject({ code: 'SELF' })
  await expect(client.connect(key, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(client.connect(key, { signal: 'no' as unknown as AbortSignal })).rejects.toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining('signal')
  })
  await client.suspend()
  await expect(client.connect(key)).rejects.toMatchObject({ code: 'SUSPENDED' })
  await client.destroy()
  await expect(client.connect(key)).rejects.toMatchObject({ code: 'DESTROYED' })
  expect(client.node.dials).toEqual([])
  expect(server.connections.size).toBe(0)
})

test.each([
  ['suspended', 'SUSPENDED'],
  ['destroyed', 'DESTROYED']
])('a pending call rejects when the swarm is %s', async (what, code) => {
  const { clock, client, network, key } = await setUp()
  network.dialFate = () => 'hang'
  const failed = expect(client.connect(key)).rejects.toMatchObject({ code })
  await clock.advance(0)
  await (what === 'suspended' ? client.suspend() : client.destroy())
  await failed
})

// The wait was dropped without an answer, so the call never settled.
test.each([
  ['CANCELLED', 'disconnect'],
  ['BANNED', 'ban']
])('a pending call rejects with %s on %s', async (code, what) => {
  const { clock, client, network, key } = await setUp()
  network.dialFate = () => 'hang'
  const failed = expect(client.connect(key)).rejects.toMatchObject({ code })
  await clock.advance(0)
  const [info] = client.peers.values()
  if (what === 'ban') info?.ban()
  else await client.disconnect(key)
  await failed
  expect(client.connecting).toBe(0)
  network.dialFate = () => 'pass'
  info?.ban(false)
  expect((await client.connect(key)).remotePublicKey).toEqual(key)
})

// The call resolved to the connection that was just closing.
test('connect while the old connection closes resolves to a new one', async () => {
  const { clock, client, key } = await setUp()
  const old = await client.connect(key)
  await clock.advance(0)
  old.destroy()
  const connected = client.connect(key)
  await clock.advance(2000)
  const connection = await connected
  expect(connection).not.toBe(old)
  expect(connection.destroying).toBe(false)
})

test('connect to a banned peer is refused', async () => {
  const { client, key } = await setUp()
  const connection = await client.connect(key)
  const [info] = client.peers.values()
  info?.ban()
  connection.destroy()
  await expect(client.connect(key)).rejects.toMatchObject({ code: 'BANNED' })
})

test('an unknown peer is forgotten after the failed call', async () => {
  const { client } = await setUp()
  await expect(client.connect(createKeyPair().publicKey)).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
  expect(client.peers.size).toBe(0)
})
