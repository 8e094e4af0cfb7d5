/** Clients of two servers of a fleet are to each other as two clients of one server. */
import { randomBytes } from 'node:crypto'
import type { PeerStream } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { MemoryBroker } from '../../../src/index.js'
import { fleetOf, fleetServer } from '../../support/fleet.js'
import { rendezvousServer } from '../../support/servers.js'
import { codeOf, hex, keysOf, next, TestClient, topicOf } from '../../support/test-client.js'

async function twoClients() {
  const [a, b] = await fleetOf(2)
  if (a === undefined || b === undefined) throw new Error('there are two')
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await Promise.all([alice.listen(), bob.listen()])
  return { a, b, alice, bob }
}

describe('clients of two servers', () => {
  test('a watcher hears of a client that comes to the topic at another server', async () => {
    const { alice, bob } = await twoClients()
    alice.watch(topicOf(1))
    await bob.announce(topicOf(1))
    await until('alice hears of bob', () => alice.pushed.length > 0)
    expect(keysOf(alice.pushed)).toEqual([hex(bob.keyPair.publicKey)])
  })

  test('a lookup finds those that came before, once this server watches the topic', async () => {
    const { alice, bob } = await twoClients()
    await bob.announce(topicOf(2))
    alice.watch(topicOf(2))
    await until('alice hears of bob', () => alice.pushed.length > 0)
    expect(keysOf(await alice.lookup(topicOf(2)))).toEqual([hex(bob.keyPair.publicKey)])
  })

  test('a client that has withdrawn is found no more', async () => {
    const { alice, bob } = await twoClients()
    await bob.announce(topicOf(3))
    alice.watch(topicOf(3))
    await until('alice hears of bob', () => alice.pushed.length > 0)
    await bob.unannounce(topicOf(3))
    let found = 1
    while (found > 0) found = (await alice.lookup(topicOf(3))).length
  })

  test('they connect, by the handshake of the two clients, and bytes go both ways', async () => {
    const { a, alice, b, bob } = await twoClients()
    await bob.announce(topicOf(4))
    alice.watch(topicOf(4))
    await until('alice hears of bob', () => alice.pushed.length > 0)
    const dialled = await alice.dial(bob.keyPair.publicKey)
    await until('bob has it', () => bob.accepted.length === 1)
    const [accepted] = bob.accepted
    dialled.write(b4a.from('ping'))
    expect(b4a.toString(await next(accepted))).toBe('ping')
    accepted?.write(b4a.from('pong'))
    expect(b4a.toString(await next(dialled))).toBe('pong')
    expect(hex(alice.handshakeOf(dialled).hash)).toBe(hex(bob.handshakeOf(accepted as PeerStream).hash))
    expect([a.stats.fleet?.linksOut, b.stats.fleet?.linksIn, a.stats.fleet?.dialled]).toEqual([1, 1, 1])
    expect(b.stats.fleet?.accepted).toBe(1)
  })

  test('a key alone suffices, without a topic', async () => {
    const { alice, bob } = await twoClients()
    const dialled = await alice.dial(bob.keyPair.publicKey)
    await until('bob has it', () => bob.accepted.length === 1)
    dialled.write(b4a.from('hello'))
    expect(b4a.toString(await next(bob.accepted[0]))).toBe('hello')
  })

  test('a key that is nowhere is not found', async () => {
    const { alice } = await twoClients()
    expect(await codeOf(alice.dial(randomBytes(32)))).toBe('PEER_NOT_FOUND')
  })

  test('the end of one end ends the other, and a reset keeps its code', async () => {
    const { alice, bob } = await twoClients()
    const first = await alice.dial(bob.keyPair.publicKey)
    await until('bob has it', () => bob.accepted.length === 1)
    const ended = new Promise<void>((resolve) => bob.accepted[0]?.on('end', resolve).resume())
    first.end()
    await ended
    const second = await alice.dial(bob.keyPair.publicKey)
    await until('bob has the second', () => bob.accepted.length === 2)
    const failed = new Promise<Error>((resolve) => bob.accepted[1]?.on('error', resolve))
    second.destroy(Object.assign(new Error('enough'), { code: 'MY_CODE' }))
    expect(await failed).toMatchObject({ code: 'MY_CODE' })
  })

  test('a reader that does not read makes the writer at the other server wait', async () => {
    const { a, alice, b, bob } = await twoClients()
    const dialled = await alice.dial(bob.keyPair.publicKey)
    await until('bob has it', () => bob.accepted.length === 1)
    const chunk = randomBytes(64 * 1024)
    let written = 0
    while (dialled.write(chunk) || (await drained(dialled))) written += chunk.byteLength
    expect(written).toBeLessThan(4 * 1024 * 1024)
    expect(a.stats.bufferedBytes + b.stats.bufferedBytes).toBeLessThan(4 * 1024 * 1024)
    let read = 0
    bob.accepted[0]?.on('data', (data) => {
      read += data.byteLength
    })
    await until('everything has arrived', () => read >= written + chunk.byteLength)
  })

  test('without a fleet they do not meet', async () => {
    const [a, b] = [rendezvousServer(), rendezvousServer()]
    const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
    await bob.listen()
    expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_NOT_FOUND')
    expect(a.stats.fleet).toBeNull()
  })

  test('servers with different secrets do not see each other, on one broker', async () => {
    const broker = new MemoryBroker()
    const servers = [fleetServer('x', { broker, secret: 'one' }), fleetServer('y', { broker, secret: 'two' })]
    await until('both have said that they are there', () => broker.messages >= 2)
    await new Promise((resolve) => setImmediate(resolve))
    expect(servers.map(({ stats }) => stats.fleet?.servers)).toEqual([[], []])
  })
})

/** Whether it drains before the streams between have settled: nothing moves any more then. */
async function drained(stream: PeerStream): Promise<boolean> {
  let isDrained = false
  stream.once('drain', () => {
    isDrained = true
  })
  for (let turns = 0; turns < 400 && !isDrained; turns++) await new Promise((resolve) => setTimeout(resolve, 1))
  return isDrained
}
