import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { createRig } from '../support/rig.js'

/** Most of what idle clients cost a server were the keep-alives of connections whose links prove that they live. */
test('a connection between two clients of a server sends no keep-alives, on either side', async () => {
  const rig = await createRig({ testnet: null })
  const [client, other] = [rig.createSwarm(), rig.createSwarm()]
  await other.listen()
  const connection = await client.connect(other.keyPair.publicKey)
  await until('the other side has it', () => other.connections.size === 1)
  expect([connection.keepAlive, ...[...other.connections].map(({ keepAlive }) => keepAlive)]).toEqual([0, 0])
})
