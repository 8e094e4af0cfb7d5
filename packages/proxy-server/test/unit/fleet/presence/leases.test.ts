import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { createServerKeyPair, fleetKeyOf } from '../../../../src/fleet/presence/envelope.js'
import { type Broker, brokerPresence, MemoryBroker, type Presence } from '../../../../src/index.js'

const OWNER = { network: '203.0.113.5' }

/** A presence with the default lease, which the test can kill: it sends nothing any more. */
function server(name: string, broker: MemoryBroker, clock: FakeClock) {
  const client = broker.client()
  let isDead = false
  const mortal: Broker = {
    localHost: null,
    start: (listener) => client.start(listener),
    publish: (subject, message) => isDead || client.publish(subject, message),
    subscribe: (subject, onMessage) => client.subscribe(subject, onMessage),
    close: () => client.close()
  }
  const presence: Presence = brokerPresence(mortal)({ clock, fleetKey: fleetKeyOf(), keyPair: createServerKeyPair() })
  const own = { name, url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress: '' }
  const gone: string[] = []
  const onServerGone = (other: { name: string }) => gone.push(other.name)
  presence.start({ describe: () => own, onServer: ignore, onServerGone, onState: ignore })
  onTestFinished(() => presence.close())
  const kill = (): void => {
    isDead = true
  }
  return { presence, gone, kill }
}

test('the lease of a server that was killed ends within 15 s, and what it announced', async () => {
  for (let run = 0; run < 20; run++) {
    const [clock, broker] = [new FakeClock(), new MemoryBroker()]
    const [a, b, c] = ['a', 'b', 'c'].map((name) => server(name, broker, clock)) as [
      ReturnType<typeof server>,
      ReturnType<typeof server>,
      ReturnType<typeof server>
    ]
    const topic = randomBytes(32)
    a.presence.watch(topic, OWNER, ignore)
    for (const { presence } of [b, c]) presence.announce(topic, randomBytes(32), OWNER)
    // At any moment between two of its messages.
    await clock.advance(5000 + run * 150)
    expect([...a.presence.keysOn(topic)]).toHaveLength(2)
    b.kill()
    await clock.advance(15_000)
    expect(a.gone).toEqual(['b'])
    expect([...a.presence.keysOn(topic)].map(({ server: { name } }) => name)).toEqual(['c'])
  }
})

function ignore(): void {}
