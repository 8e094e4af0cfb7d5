/** How a server of a fleet sees the others, one by one. */
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { createServerKeyPair, fleetKeyOf, keyedHash } from '../../../src/fleet/presence/envelope.js'
import { MemoryBroker, type ProxyServer } from '../../../src/index.js'
import { clientOn, exchange, fleetOf, fleetServer } from '../../support/fleet.js'
import { lyingServer } from '../../support/lying-server.js'
import { freeTcpPort } from '../../support/nats-server.js'
import { codeOf, hex, topicOf } from '../../support/test-client.js'

/** What one server knows of another, by name. */
function seen(server: ProxyServer, name: string) {
  return server.stats.fleet?.servers.find((one) => one.name === name)
}

test('a link is seen at both ends, and each server has the id by which the others know it', async () => {
  const [a, b] = (await fleetOf(2)) as [ProxyServer, ProxyServer]
  const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
  expect([seen(a, 's2')?.link, seen(b, 's1')?.link]).toEqual(['none', 'none'])
  await until('alice knows bob', () => alice.pushed.length > 0)
  await exchange(alice, bob)
  expect([seen(a, 's2')?.link, seen(b, 's1')?.link]).toEqual(['open', 'open'])
  expect(seen(a, 's2')?.id).toBe(b.stats.fleet?.id)
  expect([a.stats.fleet?.name, a.stats.fleet?.isDraining]).toEqual(['s1', false])
})

test('a server to which no link can be opened is seen as such, until it has left', async () => {
  const broker = new MemoryBroker()
  const a = fleetServer('a', { broker })
  const liar = lyingServer(broker, `127.0.0.1:${await freeTcpPort()}`)
  await until('it is known', () => seen(a, 'liar') !== undefined)
  const { publicKey } = createServerKeyPair()
  liar.announce(keyedHash(fleetKeyOf(), b4a.from('topic'), topicOf(1)), publicKey, { network: 'liar' })
  const alice = await clientOn(a, topicOf(1))
  await until('alice hears of the key', () => alice.pushed.some((peer) => hex(peer.publicKey) === hex(publicKey)))
  expect(await codeOf(alice.dial(publicKey))).toBe('PEER_CONNECTION_FAILED')
  expect(seen(a, 'liar')?.link).toBe('failed')
  await liar.close()
  await until('it is gone', () => seen(a, 'liar') === undefined)
})

test('silence is counted from the last description', async () => {
  const broker = new MemoryBroker()
  const clock = new FakeClock()
  const a = fleetServer('a', { broker, clock })
  lyingServer(broker, '')
  await until('it is known', () => seen(a, 'liar') !== undefined)
  expect(seen(a, 'liar')?.silentMs).toBe(0)
  await clock.advance(3000)
  expect(seen(a, 'liar')?.silentMs).toBe(3000)
})
