import { ProxyError } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { OutgoingLinks } from '../../../src/fleet/links.js'
import { createServerKeyPair } from '../../../src/fleet/presence/envelope.js'
import type { FleetServer } from '../../../src/fleet/presence/presence.js'

function create() {
  const [clock, reported] = [new FakeClock(), [] as string[]]
  const secure = { fleetKey: new Uint8Array(32), keyPair: createServerKeyPair() }
  const links = new OutgoingLinks(clock, secure, new Map(), ({ message }) => reported.push(message))
  onTestFinished(() => links.destroy(new ProxyError('DESTROYED', 'the test is over')))
  /** Asks for a link to a server whose address cannot be, and waits until that has failed. */
  const fail = (name: string): Promise<unknown> => {
    const { publicKey } = createServerKeyPair()
    const server = { name, id: name, publicKey, linkAddress: 'nowhere' } as FleetServer
    return links.to(server).hasConnection(1000)
  }
  return { clock, fail, reported }
}

// One that named an address that cannot be hid for a minute, again and again, that another was out of reach.
test('a server that cannot be reached is reported, however often another was before', async () => {
  const { clock, fail, reported } = create()
  for (const name of ['liar', 'liar', 'honest', 'liar', 'honest']) await fail(name)
  expect(reported).toEqual(['liar', 'honest'].map((name) => `no link to the server ${name} at nowhere`))
  await clock.advance(60_000)
  for (const name of ['honest', 'honest']) await fail(name)
  expect(reported).toHaveLength(3)
})

test('64 servers are reported in a minute', async () => {
  const { clock, fail, reported } = create()
  for (let i = 0; i < 100; i++) await fail(`server ${i}`)
  expect(reported).toHaveLength(64)
  await clock.advance(60_000)
  for (let i = 0; i < 100; i++) await fail(`server ${i}`)
  expect(reported).toHaveLength(128)
})
