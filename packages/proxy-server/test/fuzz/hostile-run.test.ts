/** A server whose clients collude with DHT nodes; run with `npm run test:fuzz`. */
import { expect, test } from 'vitest'
import { uncaught } from '../../../runtime/test/support/uncaught.js'
import { attack, type EvilNode, expectToWork } from '../support/hostile-run.js'
import { makeServer } from '../support/servers.js'
import { HOST, testnet } from '../support/testnet.js'

const COUNT = 5000

test.each([1, 1_000_000])(`${COUNT} hostile actions do not harm a server (from seed %i)`, async (seed) => {
  const net = await testnet()
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true })
  const nodes = Array.from({ length: 8 }, () => net.node() as EvilNode)
  const errors = await uncaught(async () => {
    console.log(await attack(server, nodes, COUNT, seed))
    await expectToWork(server, net.node())
  })
  expect(errors).toEqual([])
})
