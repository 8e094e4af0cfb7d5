import { type AddressInfo, createServer } from 'node:net'
import { ProxyError, systemClock } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { IncomingLinks } from '../../../src/fleet/links/incoming-links.js'
import { LinkPort } from '../../../src/fleet/links/link-port.js'
import { OutgoingLinks } from '../../../src/fleet/links.js'
import { createServerKeyPair } from '../../../src/fleet/presence/envelope.js'
import { fleetServer } from '../../support/fleet-server.js'

const END = new ProxyError('DESTROYED', 'the test is over')

/** Links to one server, which ends all connections until `open` is called. */
async function links() {
  const [clock, fleetKey, own, other] = [systemClock, new Uint8Array(32), createServerKeyPair(), createServerKeyPair()]
  const incoming = new IncomingLinks({ clock, isServer: () => true, sessionOptions: () => ({}) })
  const port = new LinkPort({ clock, fleetKey, keyPair: other, onStream: (stream) => incoming.accept(stream) })
  const at = (number: number) => ({ ...fleetServer('b', `127.0.0.1:${number}`), publicKey: other.publicKey })
  // A port that was closed and is opened again could be another process's in between.
  const refusing = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  const server = at((refusing.address() as AddressInfo).port)
  const servers = new Map([['b', server]])
  const outgoing = new OutgoingLinks(clock, { keyPair: own, fleetKey }, servers, () => {})
  onTestFinished(() => {
    outgoing.destroy(END)
    incoming.destroy(END)
    port.close()
    refusing.close()
  })
  return { server, servers, outgoing, open: async () => at(await port.listen('127.0.0.1', 0)) }
}

test('a link is opening, has failed, and is open when the server can be reached again', async () => {
  const { open, outgoing, server } = await links()
  expect(outgoing.stateOf('b')).toBe('none')
  outgoing.to(server)
  expect(outgoing.stateOf('b')).toBe('opening')
  await until('it has failed', () => outgoing.stateOf('b') === 'failed')
  const opened = await open()
  outgoing.to(opened)
  await until('it is open', () => outgoing.stateOf('b') === 'open')
  outgoing.to(opened).session.destroy(END)
  expect(outgoing.stateOf('b'), 'it was closed, and has not failed').toBe('none')
})

test('a failure is forgotten when the server leaves', async () => {
  const { outgoing, server } = await links()
  outgoing.to(server)
  await until('it has failed', () => outgoing.stateOf('b') === 'failed')
  outgoing.drop('b', END)
  expect(outgoing.stateOf('b')).toBe('none')
})

test('a link that fails after its server has left leaves nothing behind', async () => {
  const { outgoing, server, servers } = await links()
  const { session } = outgoing.to(server)
  servers.delete('b')
  await until('it has failed', () => session.destroyed)
  expect(outgoing.stateOf('b')).toBe('none')
})

function unreachable() {
  const [clock, reported] = [new FakeClock(), [] as string[]]
  const secure = { fleetKey: new Uint8Array(32), keyPair: createServerKeyPair() }
  const links = new OutgoingLinks(clock, secure, new Map(), ({ message }) => reported.push(message))
  onTestFinished(() => links.destroy(END))
  /** Asks for a link to a server whose address cannot be, and waits until that has failed. */
  const fail = (name: string): Promise<unknown> => links.to(fleetServer(name, 'nowhere')).hasConnection(1000)
  return { clock, fail, reported }
}

// One that named an address that cannot be hid for a minute, again and again, that another was out of reach.
test('a server that cannot be reached is reported, however often another was before', async () => {
  const { clock, fail, reported } = unreachable()
  for (const name of ['liar', 'liar', 'honest', 'liar', 'honest']) await fail(name)
  expect(reported).toEqual(['liar', 'honest'].map((name) => `no link to the server ${name} at nowhere`))
  await clock.advance(60_000)
  for (const name of ['honest', 'honest']) await fail(name)
  expect(reported).toHaveLength(3)
})

test('64 servers are reported in a minute', async () => {
  const { clock, fail, reported } = unreachable()
  for (let i = 0; i < 100; i++) await fail(`server ${i}`)
  expect(reported).toHaveLength(64)
  await clock.advance(60_000)
  for (let i = 0; i < 100; i++) await fail(`server ${i}`)
  expect(reported).toHaveLength(128)
})
