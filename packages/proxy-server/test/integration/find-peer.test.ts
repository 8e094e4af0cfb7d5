import { CLIENT_REQUEST, keyBody, peersBody } from '@swarmway/proxy-protocol'
import { expect, test, vi } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { hashOf } from '../../src/dht/native.js'
import { Listener } from '../../src/listening/listener.js'
import { rendezvousServer } from '../support/servers.js'
import { TestClient } from '../support/test-client.js'

/** A request of 40 bytes hashed the keys of all clients: 1,000 requests a second to a full server took all its time. */
test('FIND_PEER looks at the one key that is meant, as long as it is listened on', async () => {
  const server = rendezvousServer()
  const listening = await Promise.all(Array.from({ length: 20 }, () => TestClient.connect(server)))
  for (const client of listening) await client.listen()
  const publicKeys = vi.spyOn(Listener.prototype, 'relayAddresses', 'get')
  const asking = await TestClient.connect(server)
  const find = async (publicKey: Uint8Array) => {
    const target = keyBody.encode(hashOf(publicKey))
    return peersBody.decode(await asking.session.request(CLIENT_REQUEST.FIND_PEER, target))
  }
  for (const { keyPair } of listening) {
    publicKeys.mockClear()
    expect(await find(keyPair.publicKey)).toMatchObject([{ publicKey: keyPair.publicKey }])
    expect(publicKeys).toHaveBeenCalledTimes(1)
  }
  const [gone] = listening
  gone?.session.destroy()
  await until('its end', () => server.clients.size === listening.length)
  expect(await find(gone?.keyPair.publicKey ?? new Uint8Array(32))).toEqual([])
})
