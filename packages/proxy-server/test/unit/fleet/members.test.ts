import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { Members } from '../../../src/fleet/presence/members.js'

const LEASE_MS = 10_000
const body = {
  name: 'b',
  url: '',
  clients: 0,
  maxClients: 1,
  isDraining: false,
  linkAddress: '127.0.0.1:1',
  leaseMs: LEASE_MS,
  topics: 0
}

// Only servers that said goodbye were remembered. The broker, and anyone who listens there, could bring back one that had died
// by saying again what it had said.
test('an old message does not bring back a server whose lease has ended', async () => {
  const clock = new FakeClock()
  const left: string[] = []
  const members = new Members(clock, {
    onJoined: () => {},
    onChanged: () => {},
    onLeft: ({ id }) => left.push(id)
  })
  const message = (counter: number) => ({
    counter,
    sender: 'b',
    publicKey: randomBytes(32),
    number: 1,
    body: new Uint8Array(0)
  })
  members.heard(message(7), body)
  await clock.advance(LEASE_MS)
  members.echo()
  members.sweep()
  members.sweep()
  expect(left).toEqual(['b'])
  expect([members.isNew(message(7)), members.isNew(message(8))]).toEqual([false, true])
})
