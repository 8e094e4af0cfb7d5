/** Members of a fleet whose addresses for links lead nowhere, or are none at all. */
import { expect, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { MemoryBroker } from '../../../src/index.js'
import { clientOn, exchange, fleetOf } from '../../support/fleet.js'
import { lyingServer } from '../../support/lying-server.js'
import { hex, keysOf, TestClient, topicOf } from '../../support/test-client.js'

const RUBBISH = [
  'nonsense',
  ':',
  ':1',
  'host:',
  'host:port',
  '127.0.0.1:99999',
  '127.0.0.1:-1',
  '[::1',
  '\u0000:1',
  '💥:7'
]

// Each dial by way of a port that cannot be left a socket open.
test.each(RUBBISH)('a server at %j costs a dial to a key that it claims nothing', async (address) => {
  const broker = new MemoryBroker()
  const [a, b] = await fleetOf(2, { broker })
  if (a === undefined || b === undefined) throw new Error('both are there')
  const [topic, alone] = [topicOf(1), topicOf(2)]
  const [alice, bob] = [await clientOn(a, topic), await clientOn(b, topic)]
  const liar = lyingServer(broker, address)
  const hash = keyedHash(fleetKeyOf(), Buffer.from('topic'), topic)
  for (const key of [bob.keyPair.publicKey, alone]) liar.announce(hash, key, { network: 'liar' })
  await until('alice has heard of both keys', () =>
    [bob.keyPair.publicKey, alone].every((key) => keysOf(alice.pushed).includes(hex(key)))
  )
  await exchange(alice, bob)
  await expect(alice.dial(alone)).rejects.toMatchObject({ name: 'ProxyError' })
  // The server serves on.
  await TestClient.connect(a)
})
