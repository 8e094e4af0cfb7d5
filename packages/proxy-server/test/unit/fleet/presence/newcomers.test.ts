/** Servers of a fleet that come and go, and what it costs to hear what they have. */
import { randomBytes } from 'node:crypto'
import { FLEET_MESSAGES, fleetServerBody } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { createServerKeyPair, Envelopes, fleetKeyOf } from '../../../../src/fleet/presence/envelope.js'
import { brokerPresence, MemoryBroker } from '../../../../src/index.js'

const OWNER = { network: '203.0.113.5' }
const EVERYBODY = 'swarmway.servers'
const own = { name: 'a', url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress: '' }
const described = fleetServerBody.encode({ ...own, leaseMs: 60_000, topics: 1 })

/** A server that watches a topic, and a count of the questions to others that it asks for having come. */
async function watching(clock: FakeClock, broker: MemoryBroker) {
  const client = broker.client()
  const asked: string[] = []
  const publish = (subject: string, message: Uint8Array): void => {
    if (subject.startsWith('swarmway.server.') && message[1] === FLEET_MESSAGES.TOPICS.number) asked.push(subject)
    client.publish(subject, message)
  }
  const tapped = {
    localHost: null,
    start: client.start.bind(client),
    publish,
    subscribe: client.subscribe.bind(client),
    close: () => client.close()
  }
  const presence = brokerPresence(tapped)({ clock, fleetKey: fleetKeyOf(), keyPair: createServerKeyPair() })
  const ignore = () => {}
  presence.start({ describe: () => own, onServer: ignore, onServerGone: ignore, onState: ignore })
  onTestFinished(() => presence.close())
  await clock.advance(100)
  presence.watch(randomBytes(32), OWNER, ignore)
  await clock.advance(5000)
  return { asked, presence }
}

/** Says what a server with this key says. */
function speaker(broker: MemoryBroker) {
  const client = broker.client()
  client.start({ onConnected: () => {}, onDisconnected: () => {} })
  const keyPair = createServerKeyPair()
  const envelopes = new Envelopes(keyPair, fleetKeyOf())
  const say = (number: number, body: Uint8Array) => client.publish(EVERYBODY, envelopes.seal(EVERYBODY, number, body))
  return {
    id: Buffer.from(keyPair.publicKey).toString('hex'),
    come: () => say(FLEET_MESSAGES.SERVER.number, described),
    leave: () => say(FLEET_MESSAGES.LEAVE.number, new Uint8Array(0))
  }
}

// Each time, every server sent it a question about all of its topics.
test('a server that comes and goes all the time is not asked each time, and another one is asked', async () => {
  const [clock, broker] = [new FakeClock(), new MemoryBroker()]
  const { asked, presence } = await watching(clock, broker)
  const [fickle, honest] = [speaker(broker), speaker(broker)]
  for (let i = 0; i < 100; i++) {
    fickle.come()
    fickle.leave()
  }
  fickle.come()
  honest.come()
  await clock.advance(1000)
  expect(presence.servers.size).toBe(2)
  expect(asked.filter((subject) => subject.endsWith(fickle.id)).length).toBeLessThanOrEqual(6)
  expect(asked.filter((subject) => subject.endsWith(honest.id))).toHaveLength(1)
})

test('many that come at once are all asked, one after the other', async () => {
  const [clock, broker] = [new FakeClock(), new MemoryBroker()]
  const { asked } = await watching(clock, broker)
  const many = Array.from({ length: 20 }, () => speaker(broker))
  for (const one of many) one.come()
  await clock.advance(50)
  expect(asked).toHaveLength(5)
  await clock.advance(4000)
  expect(new Set(asked).size).toBe(20)
})
