import { createSocket } from 'node:dgram'
import type { NetworkAddress } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import type { HyperDht } from '../../src/dht/hyperdht.js'
import { makeServer } from '../support/servers.js'
import { codeOf, TestClient } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

/**
 * A native peer, and a client whose dials may search the DHT: each search is a call of `findPeer`. With a fake clock,
 * relays have all the time that they need.
 */
async function setUp(clock?: FakeClock) {
  const net = await testnet()
  const keyPair = createKeyPair()
  const native = net.node().createServer((stream) => stream.on('error', () => {}))
  await native.listen(keyPair)
  const { relayAddresses } = native as unknown as { relayAddresses: NetworkAddress[] }
  const dht = net.node() as unknown as HyperDht
  const findPeer = vi.spyOn(dht, 'findPeer')
  const client = await TestClient.connect(makeServer({ dht, allowPrivateAddresses: true, ...(clock && { clock }) }))
  return { client, dht, findPeer, publicKey: keyPair.publicKey, relayAddresses }
}

/** An address at which nobody answers. */
async function silentAddress(): Promise<NetworkAddress> {
  const socket = createSocket('udp4')
  onTestFinished(() => new Promise<void>((resolve) => void socket.close(resolve)))
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  return { host: HOST, port: socket.address().port }
}

/** Each dial of a peer searched the DHT, although the client had named its relays. */
test('a dial whose relay answers does not search the DHT', async () => {
  const { client, findPeer, publicKey, relayAddresses } = await setUp(new FakeClock())
  await client.dial(publicKey, relayAddresses)
  expect([relayAddresses.length > 0, findPeer.mock.calls]).toEqual([true, []])
})

test('a dial that knows no relay searches at once', async () => {
  const { client, findPeer, publicKey } = await setUp()
  await client.dial(publicKey)
  expect(findPeer).toHaveBeenCalledTimes(1)
})

test('a dial whose relay is silent finds the peer by a search', async () => {
  const { client, findPeer, publicKey } = await setUp()
  await client.dial(publicKey, [await silentAddress()])
  expect(findPeer).toHaveBeenCalledTimes(1)
})

test('a dial of a peer that is gone searches, and ends as before', async () => {
  const { client, findPeer, relayAddresses } = await setUp()
  const gone = createKeyPair().publicKey
  expect(await codeOf(client.dial(gone, relayAddresses))).toBe('PEER_NOT_FOUND')
  expect(findPeer).toHaveBeenCalledTimes(1)
})

// Anyone can announce keys with relays that never answer. Each dial of such a key waited until its requests had been repeated.
test('a silent relay of a peer that no node knows is waited for no longer than half a second after the search', async () => {
  const clock = new FakeClock()
  const { client, dht, findPeer } = await setUp(clock)
  // Its request ends only when it is given up.
  const ask = vi.spyOn(dht._router, 'peerHandshake').mockImplementation((_target, { session }) => {
    return new Promise((_, reject) => {
      if (session !== undefined) session.destroy = () => reject(new Error('given up'))
    })
  })
  let code: string | null = null
  void codeOf(client.dial(createKeyPair().publicKey, [await silentAddress()])).then((found) => {
    code = found
  })
  await until(() => ask.mock.calls.length === 1)
  await clock.advance(300)
  await until(() => findPeer.mock.results.some(({ value }) => (value as { destroyed?: boolean }).destroyed === true))
  await turns(5)
  await clock.advance(400)
  await turns(5)
  expect(code).toBe(null)
  await clock.advance(100)
  await until(() => code !== null)
  expect(code).toBe('PEER_NOT_FOUND')
})
