/** A broker that takes messages, and for a while passes nothing on to one server, on the same connection. */
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { createServerKeyPair, fleetKeyOf } from '../../../../src/fleet/presence/envelope.js'
import { type Broker, brokerPresence, MemoryBroker } from '../../../../src/index.js'

const OWNER = { network: '203.0.113.5' }
const LEASE_MS = 10_000

function server(name: string, broker: MemoryBroker, clock: FakeClock) {
  const client = broker.client()
  const hearing = { isDeaf: false }
  const deaf: Broker = {
    localHost: null,
    start: (listener) => client.start(listener),
    publish: (subject, message) => client.publish(subject, message),
    subscribe: (subject, onMessage) => client.subscribe(subject, (message) => hearing.isDeaf || onMessage(message)),
    close: () => client.close()
  }
  const presence = brokerPresence(deaf)({ clock, fleetKey: fleetKeyOf(), keyPair: createServerKeyPair() })
  const own = { name, url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress: '' }
  const errors: string[] = []
  const gone: string[] = []
  const states: boolean[] = []
  presence.start({
    describe: () => own,
    onServer: ignore,
    onServerGone: (other) => gone.push(other.name),
    onState: (isConnected) => states.push(isConnected),
    onError: ({ message }) => errors.push(message)
  })
  onTestFinished(() => presence.close())
  return { errors, gone, hearing, presence, states }
}

// It was in the figures only, and what others had announced meanwhile was missing for up to five minutes.
test('a server that does not hear itself reports it once, and asks for what it has missed when it does again', async () => {
  const [clock, broker] = [new FakeClock(), new MemoryBroker()]
  const [a, b] = [server('a', broker, clock), server('b', broker, clock)]
  const topic = randomBytes(32)
  a.presence.watch(topic, OWNER, ignore)
  await clock.advance(LEASE_MS)
  a.hearing.isDeaf = true
  b.presence.announce(topic, randomBytes(32), OWNER)
  await clock.advance(4 * LEASE_MS)
  expect([a.errors, b.errors]).toEqual([['the broker does not pass on what this server says'], []])
  expect([a.states, [...a.presence.keysOn(topic)].length]).toEqual([[true, false], 0])
  a.hearing.isDeaf = false
  await clock.advance(LEASE_MS)
  expect([a.states, [...a.presence.keysOn(topic)].length]).toEqual([[true, false, true], 1])
  expect([a.errors.length, a.gone]).toEqual([1, []])
})

function ignore(): void {}
