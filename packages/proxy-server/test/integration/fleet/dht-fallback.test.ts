/** A server of a fleet that has the DHT as well. */

import { systemClock } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { brokerPresence, MemoryBroker } from '../../../src/index.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, TestClient, topicOf } from '../../support/test-client.js'
import { HOST, testnet } from '../../support/testnet.js'

// What a server of the fleet had said about a key was believed for ever: a firewall between two servers, or one that lied,
// hid a peer that the DHT would have found.
test('a key whose server does not answer is dialled through the DHT the next time', async () => {
  const [broker, net] = [new MemoryBroker(), await testnet()]
  const dhtOptions = { bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true }
  const fleet = { name: 'a', linkHost: HOST, presence: brokerPresence(broker.client()) }
  const [a, b] = [makeServer({ ...dhtOptions, fleet }), makeServer(dhtOptions)]
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await bob.listen()
  const tools = { keyPair: createServerKeyPair(), fleetKey: fleetKeyOf(), clock: systemClock }
  const liar = brokerPresence(broker.client())(tools)
  onTestFinished(() => liar.close())
  const own = { name: 'liar', url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress: `${HOST}:9` }
  liar.start({ describe: () => own, onServer: ignore, onServerGone: ignore, onState: ignore })
  alice.watch(topicOf(1))
  liar.announce(keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1)), bob.keyPair.publicKey)
  await until('alice hears of bob', () => alice.pushed.length > 0)
  expect(await codeOf(alice.dial(bob.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
  await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
})

function ignore(): void {}
