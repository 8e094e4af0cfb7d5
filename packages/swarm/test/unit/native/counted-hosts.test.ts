import cenc from 'compact-encoding'
import messages from 'hyperdht/lib/messages.js'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { countHonestly } from '../../../src/native/counted-hosts.js'

const RELAY = { host: '9.9.9.1', port: 1 }
const STRANGER = { host: '6.6.6.6', port: 2 }
const CLIENT = { host: '5.5.5.5', port: 3 }
const FIRST_RELAY = { host: '8.8.8.1', port: 4 }

/** The host that a handshake counts for whose message names CLIENT, and FIRST_RELAY as the first of two relays. */
function countedHost(mode: number, from: object): string | undefined {
  const clients: { countedHost?: string }[] = []
  const server = {
    _announcer: { isRelay: (node: object) => node === RELAY },
    _addHandshake: (_id: string, _noise: Uint8Array, client: object) => clients.push(client)
  }
  const node = { createRawStream() {}, createServer: () => server }
  countHonestly(node, new FakeClock())
  countHonestly(node, new FakeClock())
  const message = { mode, noise: new Uint8Array(1), peerAddress: CLIENT, relayAddress: FIRST_RELAY }
  const value = cenc.encode(messages.handshake, message)
  const made = node.createServer() as unknown as { _addHandshake(...args: unknown[]): void }
  made._addHandshake('id', message.noise, CLIENT, { from, value })
  expect(clients).toMatchObject([CLIENT])
  return clients[0]?.countedHost
}

test.each([
  { way: 'directly', mode: 0, from: STRANGER, host: STRANGER.host },
  { way: 'over our relay', mode: 2, from: RELAY, host: CLIENT.host },
  { way: 'over a relay of its own', mode: 2, from: STRANGER, host: STRANGER.host },
  { way: 'over two relays, of which the second is ours', mode: 3, from: RELAY, host: FIRST_RELAY.host },
  { way: 'over two relays, neither of them ours', mode: 3, from: STRANGER, host: STRANGER.host },
  { way: 'as a message that nobody sends, from our relay', mode: 1, from: RELAY, host: RELAY.host }
])('a handshake that came $way counts for $host', ({ mode, from, host }) => {
  expect(countedHost(mode, from)).toBe(host)
})

/** A server behind RELAY, and how many of `count` handshakes are answered that came from `from` and name `peer`. */
function answering(clock: FakeClock) {
  const server = {
    _announcer: { isRelay: (node: object) => node === RELAY },
    _onpeerhandshake: async () => 'an answer'
  }
  const node = { createRawStream() {}, createServer: () => server }
  countHonestly(node, clock)
  const made = node.createServer() as unknown as {
    _onpeerhandshake(message: object, request: object): Promise<unknown>
  }
  return async (from: object, count: number, peerAddress: typeof CLIENT | null = null) => {
    const message = { mode: peerAddress === null ? 0 : 2, noise: new Uint8Array(1), peerAddress, relayAddress: null }
    const request = { from, value: cenc.encode(messages.handshake, message) }
    const sent = Array.from({ length: count }, () => made._onpeerhandshake({ peerAddress }, request))
    return (await Promise.all(sent)).filter((answer) => answer !== null).length
  }
}

test('one host has 512 handshakes at once answered, then 128 a second, whatever others send', async () => {
  const clock = new FakeClock()
  const answered = answering(clock)
  expect(await answered(STRANGER, 1000)).toBe(512)
  expect(await answered(CLIENT, 1)).toBe(1)
  await clock.advance(1000)
  expect(await answered(STRANGER, 1000)).toBe(128)
})

test('those that come over our relay count for the hosts that it names, not for the relay', async () => {
  const answered = answering(new FakeClock())
  expect(await answered(RELAY, 1000, CLIENT)).toBe(512)
  expect(await answered(RELAY, 1, STRANGER), 'another host over the same relay').toBe(1)
  expect(await answered(STRANGER, 1000, CLIENT), 'a relay of its own names nobody').toBe(511)
})
