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

test('one host has 512 handshakes at once answered, then 128 a second, whatever others send', async () => {
  const clock = new FakeClock()
  const server = { _announcer: null, _onpeerhandshake: async () => 'an answer' }
  const node = { createRawStream() {}, createServer: () => server }
  countHonestly(node, clock)
  const made = node.createServer() as unknown as {
    _onpeerhandshake(message: object, request: object): Promise<unknown>
  }
  const value = cenc.encode(messages.handshake, {
    mode: 0,
    noise: new Uint8Array(1),
    peerAddress: null,
    relayAddress: null
  })
  const send = async (from: object) => (await made._onpeerhandshake({ peerAddress: null }, { from, value })) !== null
  const answeredOf = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => send(STRANGER)))
    return answers.filter(Boolean).length
  }
  expect(await answeredOf(1000)).toBe(512)
  expect(await send(CLIENT)).toBe(true)
  await clock.advance(1000)
  expect(await answeredOf(1000)).toBe(128)
})
