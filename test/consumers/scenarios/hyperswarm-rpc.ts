import { expect, onTestFinished } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { HyperswarmRpc } from '../support/packages.ts'

/** A package that takes a HyperDHT node: it listens and dials without a swarm. */
export async function callBetweenNodes(answering: AnySwarm, asking: AnySwarm): Promise<void> {
  const answerer = new HyperswarmRpc({ dht: answering.dht, keyPair: answering.keyPair })
  const asker = new HyperswarmRpc({ dht: asking.dht, keyPair: asking.keyPair })
  onTestFinished(() => Promise.all([asker.destroy(), answerer.destroy()]).then(() => {}))
  const server = answerer.createServer()
  server.respond('shout', (request) => Buffer.from(String(request).toUpperCase()))
  await server.listen()
  expect(server.publicKey).toEqual(answering.keyPair.publicKey)
  expect(String(await asker.request(server.publicKey, 'shout', Buffer.from('hello')))).toBe('HELLO')
  await server.close()
}
