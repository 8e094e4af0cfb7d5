/** How long a server of a fleet takes to stop. */
import { randomBytes } from 'node:crypto'
import { ProxyError, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { brokerPresence, MemoryBroker } from '../../../src/index.js'
import { handOver } from '../../../src/sessions/hand-over.js'
import { fleetOf, fleetServer, untilMet } from '../../support/fleet.js'
import { pair } from '../../support/pair.js'
import { makeServer } from '../../support/servers.js'
import { codeOf, TestClient } from '../../support/test-client.js'

const DRAIN_MS = 5000

// The hand-over took most of drainMs, and the drain began after it with all of drainMs: a stop took up to 1.8 times as
// long as was asked for, and the command line cut it off.
test('hand-over and drain end within drainMs together', async () => {
  const broker = new MemoryBroker()
  const clock = new FakeClock()
  const fleetAs = (name: string) => {
    const presence = brokerPresence(broker.client())
    return { name, url: `ws://${name}.example`, linkHost: '127.0.0.1', presence }
  }
  const stopping = makeServer({ dht: null, clock, drainMs: DRAIN_MS, fleet: fleetAs('stopping') })
  await untilMet([stopping, makeServer({ dht: null, fleet: fleetAs('other') })])
  const [alice, bob] = [await TestClient.connect(stopping), new TestClient()]
  const [ours, theirs] = pair()
  stopping.handleStream(theirs)
  await bob.greet(ours)
  await bob.listen()
  const dialled = await alice.dial(bob.keyPair.publicKey)
  await until('bob has it', () => bob.accepted.length === 1)
  // What alice sends waits at the server.
  ours.pause()
  while (dialled.write(randomBytes(65_536)));
  const waiting = () => [...stopping.clients].some(({ isDrained }) => !isDrained)
  await until('something waits', waiting)
  await turns(20)
  expect(waiting()).toBe(true)
  let isOver = false
  void stopping.destroy().then(() => {
    isOver = true
  })
  await clock.advance(DRAIN_MS - 1)
  expect(isOver).toBe(false)
  await clock.advance(1)
  await until('the server has ended, and the clock stands still', () => isOver)
})

// A fleet whose servers have no URL for clients: nobody takes them, and the stop waited for them to leave all the same.
test('nobody waits for clients that no server takes', async () => {
  const clock = new FakeClock()
  const urls: string[] = []
  const client = { attached: true, handOver: (url: string) => void urls.push(url) }
  let isOver = false
  void handOver(new Set([client]), { servers: () => [], clock, withinMs: DRAIN_MS }).then(() => {
    isOver = true
  })
  await clock.advance(DRAIN_MS / 2)
  expect([isOver, urls]).toEqual([true, ['']])
})

// Offers whose stream was never opened kept a timer after the server's end.
test('no timer is left of an offer that nobody took up', async () => {
  const broker = new MemoryBroker()
  const clock = new FakeClock()
  const fleetAs = (name: string) => ({ name, linkHost: '127.0.0.1', presence: brokerPresence(broker.client()) })
  const [a, b] = [makeServer({ dht: null, fleet: fleetAs('a') }), makeServer({ dht: null, clock, fleet: fleetAs('b') })]
  await untilMet([a, b])
  const fickle = await TestClient.connect(a, {
    onRequest: (op) => {
      if (op === SERVER_REQUEST.DIAL_RECV) throw new ProxyError('ABORTED', 'changed my mind')
      return undefined
    }
  })
  const bob = await TestClient.connect(b)
  await bob.listen()
  await fickle.dial(bob.keyPair.publicKey).catch(() => {})
  const ended = b.destroy()
  await clock.advance(1000)
  await ended
  expect(clock.liveTimers).toBe(0)
})

test.each([
  ['the peer is at', 1],
  ['the dialling client is at', 0]
])('a stop, asked for twice, of the server that %s ends a dial with a code', async (_, stopping) => {
  const servers = await fleetOf(2, { drainMs: 50 })
  const [a, b] = servers
  if (a === undefined || b === undefined) throw new Error('there are two')
  const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
  await bob.listen()
  bob.ready = new Promise(() => {})
  const dialled = codeOf(alice.dial(bob.keyPair.publicKey))
  await until('bob is asked', () => bob.asked.length > 0)
  const ended = servers[stopping]?.destroy()
  expect(servers[stopping]?.destroy()).toBe(ended)
  await ended
  expect(await dialled).toMatch(/^[A-Z_]+$/)
})

test('the last server of a fleet stops without waiting for others', async () => {
  const broker = new MemoryBroker()
  const [clock, drainMs] = [new FakeClock(), 600_000]
  const [a, b] = [fleetServer('a', { broker, clock, drainMs }), fleetServer('b', { broker })]
  await untilMet([a, b])
  await b.destroy()
  await until('it is alone', () => a.stats.fleet?.servers.length === 0)
  const alice = await TestClient.connect(a)
  const ended = a.destroy()
  await clock.advance(drainMs / 10)
  await ended
  await until('its client is told', () => alice.closedWith !== null)
  expect(alice.closedWith?.code).toBe('SERVER_CLOSING')
})
