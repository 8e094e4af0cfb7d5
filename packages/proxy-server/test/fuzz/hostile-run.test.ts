/** A server whose clients collude with DHT nodes; run with `npm run test:fuzz`. */
import { createKeyPair } from '@swarmway/swarm/core'
import { test } from 'vitest'
import { attack, type EvilNode } from '../support/hostile-run.js'
import { makeServer } from '../support/servers.js'
import { TestClient } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

const COUNT = 5000

test.each([1, 1_000_000])(`${COUNT} hostile actions do not harm a server (from seed %i)`, async (seed) => {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true })
  const nodes = Array.from({ length: 8 }, () => net.node() as EvilNode)
  console.log(await attack(server, nodes, COUNT, seed))
  const keyPair = createKeyPair()
  const listening = net.node().createServer((stream) => stream.on('error', () => {}))
  await listening.listen(keyPair)
  await (await TestClient.connect(server)).dial(keyPair.publicKey)
  await listening.close()
})
