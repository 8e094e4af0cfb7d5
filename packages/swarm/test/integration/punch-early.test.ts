/** Two peers behind NATs, which have to open them for each other. Addresses of the loopback stand for the two homes. */
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { carries, type Dht, type Kind, nextConnection, Testnet } from './support.js'

const testnet = Testnet.use(8)

/** A node that nobody reaches, as far as it knows. */
function nodeAt(host: string): Dht {
  return testnet.node({ host, ephemeral: true, firewalled: true, quickFirewall: false })
}

/** Both ends of the first connection, and what its streams are on. */
async function connect(there: Kind, here: Kind) {
  const topic = freshTopic()
  const called = testnet.make(there, { dht: nodeAt('127.0.0.2') })
  const dht = nodeAt('127.0.0.3')
  await called.join(topic, { client: false }).flushed()
  const caller = testnet.make(here, { dht })
  const accepted = nextConnection(called)
  const dialled = nextConnection(caller)
  caller.join(topic, { server: false })
  const ends = [(await accepted).connection, (await dialled).connection] as const
  const { socket } = (await dialled).connection.rawStream as unknown as { socket: object }
  return { ends, isOnNodesSocket: [dht.io.clientSocket, dht.io.serverSocket].includes(socket) }
}

test('the side that accepts opens its end while the other still begins to punch', async () => {
  // The connection was shown a round trip later than by hyperswarm, which does not wait for a sign of the other side.
  const { ends, isOnNodesSocket } = await connect('swarmway', 'swarmway')
  expect(isOnNodesSocket).toBe(true)
  expect(await carries(...ends)).toBe(true)
})

test.each([
  ['swarmway', 'hyperswarm'],
  ['hyperswarm', 'swarmway']
] as const)('a peer of %s that is dialled by one of %s is reached as ever', async (there, here) => {
  const { ends } = await connect(there, here)
  expect(await carries(...ends)).toBe(true)
})
