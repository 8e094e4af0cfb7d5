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

// The lease begins again, but nothing was heard.
test('after an outage of the broker, a server is as silent as before', async () => {
  const clock = new FakeClock()
  const members = new Members(clock, { onJoined: () => {}, onChanged: () => {}, onLeft: () => {} })
  const message = { counter: 1, sender: 'b', publicKey: randomBytes(32), number: 1, body: new Uint8Array(0) }
  members.heard(message, body)
  const heardMs = clock.now()
  await clock.advance(5000)
  members.renew()
  expect(members.servers.get('b')?.heardMs).toBe(heardMs)
})

// They went as they were to logs and, as servers to go to, to clients.
test.each([
  ['a name\nof two lines', 'ws://b.example', '0123abcd', 'ws://b.example'],
  ['\u001b[31mred', 'wss://b.example/swarm', '0123abcd', 'wss://b.example/swarm'],
  ['', '', '0123abcd', ''],
  ['b\u3164', '', '0123abcd', ''],
  ['b\u2800', '', '0123abcd', ''],
  ['b\ufe0f', '', '0123abcd', ''],
  ['x'.repeat(200), 'javascript:alert(1)', '0123abcd', ''],
  ['b', 'https://b.example', 'b', ''],
  ['b', 'ws://', 'b', ''],
  ['b', 'ws://b.example/\n', 'b', '']
])('a server that says that it is %j at %j is %j at %j', (name, url, shown, reached) => {
  const ignore = () => {}
  const members = new Members(new FakeClock(), { onJoined: ignore, onChanged: ignore, onLeft: ignore })
  const id = '0123abcd'.repeat(8)
  const message = { counter: 1, sender: id, publicKey: randomBytes(32), number: 1, body: new Uint8Array(0) }
  members.heard(message, { ...body, name, url })
  expect(members.servers.get(id)).toMatchObject({ name: shown, url: reached })
})
