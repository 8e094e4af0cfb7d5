import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { IncomingLinks } from '../../../src/fleet/links/incoming-links.js'
import { LinkPort } from '../../../src/fleet/links/link-port.js'
import { OutgoingLink } from '../../../src/fleet/links/outgoing-link.js'
import type { SealedDuplex } from '../../../src/fleet/links/sealed-duplex.js'
import { createServerKeyPair } from '../../../src/fleet/presence/envelope.js'
import type { FleetServer } from '../../../src/fleet/presence/presence.js'

// A connection that was accepted and cut was replaced at once, and so was the next, for as long as the server was there.
test('a connection that does not last is replaced after a wait', async () => {
  const clock = new FakeClock()
  const [fleetKey, own, other] = [new Uint8Array(32), createServerKeyPair(), createServerKeyPair()]
  const streams: SealedDuplex[] = []
  const incoming = new IncomingLinks({ clock, isServer: () => true, sessionOptions: () => ({}) })
  const onStream = (stream: SealedDuplex) => {
    streams.push(stream)
    incoming.accept(stream)
  }
  const port = new LinkPort({ clock, fleetKey, keyPair: other, onStream })
  onTestFinished(() => port.close())
  const linkAddress = `127.0.0.1:${await port.listen('127.0.0.1', 0)}`
  const server = { name: 'other', id: '00', publicKey: other.publicKey, linkAddress } as FleetServer
  const link = new OutgoingLink(server, { clock, fleetKey, keyPair: own, onUnreachable: () => {}, onClose: () => {} })
  onTestFinished(() => link.session.destroy())
  for (const longestMs of [100, 200, 400]) {
    await until('it is connected', () => link.session.attached)
    streams.at(-1)?.destroy()
    await until('it waits', () => !link.session.attached && (clock.nextMs ?? 5000) <= longestMs)
    expect(clock.nextMs).toBeGreaterThanOrEqual(longestMs / 2)
    const before = streams.length
    await clock.advance(longestMs)
    await until('it is back', () => streams.length > before)
  }
  // One that lasted is replaced at once.
  await until('it is connected', () => link.session.attached)
  await clock.advance(2000)
  const before = streams.length
  streams.at(-1)?.destroy()
  await until('it is back at once', () => streams.length > before)
})
