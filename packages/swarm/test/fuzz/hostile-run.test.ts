/** A swarm among hostile peers and DHT nodes; run with `npm run test:fuzz`. */
import { expect, test } from 'vitest'
import { uncaught } from '../../../runtime/test/support/uncaught.js'
import { cast, expectToMeet } from '../integration/hostile-cast.js'
import { Testnet } from '../integration/support.js'
import { attack } from '../support/hostile-run.js'

const COUNT = 20_000

const testnet = Testnet.use()

test.each([
  { seed: 1, isOpen: true },
  { seed: 1_000_000, isOpen: false }
])(`${COUNT} hostile actions do a swarm no harm (with an open port: $isOpen)`, async ({ seed, isOpen }) => {
  const players = cast(testnet, isOpen)
  await players.victim.listen()
  const errors = await uncaught(async () => {
    console.log(await attack(players, COUNT, seed))
    await expectToMeet(testnet, players.victim)
  })
  expect(errors).toEqual([])
})
