/** The short form of the fuzz tier, see fuzz/. An uncaught error fails the run. */
import { expect, test } from 'vitest'
import { attack } from '../support/hostile-run.js'
import { cast, expectToMeet } from './hostile-cast.js'
import { Testnet } from './support.js'

const COUNT = 300

const testnet = Testnet.use()

test.each([true, false])(`${COUNT} hostile actions do a swarm no harm (with an open port: %s)`, async (isOpen) => {
  const players = cast(testnet, isOpen)
  await players.victim.listen()
  const done = await attack(players, COUNT, 1)
  expect(Object.keys(done).sort()).toEqual(['accept', 'dial', 'punch', 'query', 'relay', 'request'])
  await expectToMeet(testnet, players.victim)
})
