/** Servers of a fleet over NATS beside members that another version made, or somebody who makes keys up. */

import { connect } from '@nats-io/transport-node'
import { FLEET_MESSAGES, fleetServerBody } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { createServerKeyPair, Envelopes, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import type { ProxyServer } from '../../../src/index.js'
import { nats } from '../../../src/nats/index.js'
import { clientOn, exchange, untilMet } from '../../support/fleet.js'
import { liarOver } from '../../support/lying-server.js'
import { freeTcpPort, NatsServer, natsObstacle } from '../../support/nats-server.js'
import { makeServer } from '../../support/servers.js'
import { hex, keysOf, topicOf } from '../../support/test-client.js'

const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: members of a fleet over NATS (${obstacle})`)

const SUBJECT = 'swarmway.servers'
/** Leases that do not end in the test. */
const LEASE_MS = 60_000

function serverAt({ url }: NatsServer, name: string): ProxyServer {
  return makeServer({ dht: null, fleet: nats({ servers: url, name, linkHost: '127.0.0.1', leaseMs: LEASE_MS }) })
}

const namesAt = ({ stats }: ProxyServer) => stats.fleet?.servers.map(({ name }) => name).sort() ?? []
const topicHash = (topic: Uint8Array) => keyedHash(fleetKeyOf(), b4a.from('topic'), topic)

/** Someone at the broker who says what the test wants. */
async function stranger({ url }: NatsServer) {
  const connection = await connect({ servers: url })
  onTestFinished(() => connection.close())
  return {
    say: (bytes: Uint8Array, subject = SUBJECT) => connection.publish(subject, bytes),
    /** A message of a server with a new key. */
    sayAs: (body: Uint8Array, number: number = FLEET_MESSAGES.SERVER.number) =>
      connection.publish(SUBJECT, new Envelopes(createServerKeyPair(), fleetKeyOf()).seal(SUBJECT, number, body))
  }
}

function descriptionOf(name: string, linkAddress = ''): Uint8Array {
  const own = { name, url: '', clients: 0, maxClients: 1, leaseMs: LEASE_MS, topics: 0, isDraining: false }
  return fleetServerBody.encode({ ...own, linkAddress })
}

async function theyMeet(one: ProxyServer, other: ProxyServer, topic: Uint8Array): Promise<void> {
  const [alice, bob] = [await clientOn(one, topic), await clientOn(other, topic)]
  await until('alice knows bob', () => keysOf(alice.pushed).includes(hex(bob.keyPair.publicKey)))
  await exchange(alice, bob)
}

describe.skipIf(obstacle !== null)('a fleet over NATS', () => {
  // A field at the end made a message unreadable: servers of two versions were two fleets.
  test('has members of a newer version, whose messages have more fields and other kinds', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker, 'a'), serverAt(broker, 'b')]
    await untilMet([a, b])
    const { sayAs } = await stranger(broker)
    sayAs(b4a.from('a kind of message that nobody knows yet'), 200)
    sayAs(b4a.concat([descriptionOf('newer'), b4a.from('a field that nobody knows yet')]))
    await until('a knows it', () => namesAt(a).includes('newer'))
    await theyMeet(a, b, topicOf(1))
  })

  test('has members of an older version, whose messages have fewer fields', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker, 'a'), serverAt(broker, 'b')]
    await untilMet([a, b])
    const { sayAs } = await stranger(broker)
    // Without isDraining, and without the number of topics.
    for (const [name, bytes] of [
      ['older', 1],
      ['oldest', 5]
    ] as const)
      sayAs(descriptionOf(name).subarray(0, -bytes))
    await until('a knows both', () => ['older', 'oldest'].every((name) => namesAt(a).includes(name)))
    // Shorter than any version's.
    sayAs(descriptionOf('cut').subarray(0, -6))
    await theyMeet(a, b, topicOf(1))
    expect(namesAt(a)).not.toContain('cut')
  })

  test('is not disturbed by rubbish on its subjects', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker, 'a'), serverAt(broker, 'b')]
    await untilMet([a, b])
    const { say, sayAs } = await stranger(broker)
    for (const length of [0, 1, 41, 42, 105, 106, 107, 100_000]) say(b4a.alloc(length, 1))
    for (const { number } of Object.values(FLEET_MESSAGES))
      for (const length of [0, 1, 9000]) sayAs(b4a.alloc(length, 255), number)
    sayAs(descriptionOf('the-last-one'))
    await until('all of it was read', () => namesAt(a).includes('the-last-one'))
    expect(namesAt(a)).toEqual(['b', 'the-last-one'])
    await theyMeet(a, b, topicOf(1))
  })

  test('whose table of servers is full of invented keys keeps those that were there', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker, 'a'), serverAt(broker, 'b')]
    await untilMet([a, b])
    const { sayAs } = await stranger(broker)
    const deadPort = await freeTcpPort()
    for (let i = 0; i < 300; i++) sayAs(descriptionOf(`invented-${i}`, `127.0.0.1:${deadPort}`))
    await until('the tables are full', () => [a, b].every((server) => namesAt(server).length === 256))
    expect([namesAt(a).includes('b'), namesAt(b).includes('a')]).toEqual([true, true])
    await theyMeet(a, b, topicOf(1))
  })

  // Four servers are remembered for a key, the latest: here the right one is not among them, and the fleet is asked.
  test('finds the right server of a key that many invented servers claim', async () => {
    const broker = await NatsServer.start()
    const [a, b] = [serverAt(broker, 'a'), serverAt(broker, 'b')]
    await untilMet([a, b])
    const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
    await until('alice knows bob', () => keysOf(alice.pushed).includes(hex(bob.keyPair.publicKey)))
    const address = `127.0.0.1:${await freeTcpPort()}`
    const liars = Array.from({ length: 8 }, () => {
      const { presence } = nats({ servers: broker.url, name: 'liar', leaseMs: LEASE_MS })
      return liarOver(presence, address)
    })
    await until('they are known', () => namesAt(a).length === 9)
    // Each claims a key of its own as well, last: so the test sees when its claim has arrived.
    const marks = liars.map((_, i) => topicOf(100 + i))
    for (const [i, liar] of liars.entries()) {
      for (const key of [bob.keyPair.publicKey, marks[i] as Uint8Array])
        liar.announce(topicHash(topicOf(1)), key, { network: 'liar' })
    }
    await until('all have claimed it', () => marks.every((mark) => keysOf(alice.pushed).includes(hex(mark))))
    await exchange(alice, bob)
  })
})
