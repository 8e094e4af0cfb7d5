/** Which servers the client of a NATS cluster tries, and in which order. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { NatsBroker, type NatsConnect, type NatsInfo, type NatsOptions } from '../../../src/nats/index.js'

/** A server that greets; its address as `host:port`. */
async function greeter(): Promise<{ address: string; close: () => void }> {
  const server = createServer((socket) => socket.on('error', () => {}).end('INFO {}\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => void server.close()
  onTestFinished(close)
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** What the NATS client is given at each try; each of its connections ends at once. The server says `info`. */
function start(options: NatsOptions, info: NatsInfo = {}): NatsOptions[] {
  const tries: NatsOptions[] = []
  const connect: NatsConnect = async (given) => {
    tries.push(given)
    return {
      info,
      publish: () => {},
      subscribe: () => ({ unsubscribe: () => {} }),
      flush: async () => {},
      close: async () => {},
      isClosed: () => true,
      async *status() {}
    }
  }
  const broker = new NatsBroker(connect, options)
  broker.start({ onConnected: () => {}, onDisconnected: () => {} })
  onTestFinished(() => broker.close())
  return tries
}

// Nothing greets here, so the client gets the whole list.
const TLS_FIRST = { tls: { handshakeFirst: true }, noRandomize: true }

// Only `host:port` was understood: `demo.nats.io` became the host `demo.nats.i`, and no server at all was never found.
test.each<[string, NatsOptions, string[]]>([
  ['a name', { servers: 'demo.nats.io' }, ['demo.nats.io:4222']],
  ['URLs', { servers: ['nats://one:4223', 'tls://two'] }, ['one:4223', 'two:4222']],
  ['nothing', {}, ['127.0.0.1:4222']],
  ['a port', { port: 4333 }, ['127.0.0.1:4333']]
])('given %s, as the NATS client takes it', async (_, options, servers) => {
  const tries = start({ ...TLS_FIRST, ...options })
  await until('it is tried', () => tries.length > 0)
  expect(tries[0]?.servers).toEqual(servers)
})

test('a bad server is named when the broker is made', () => {
  expect(() => new NatsBroker(async () => Promise.reject(new Error('not called')), { servers: 'http://a' })).toThrow(
    TypeError
  )
})

test('the name and the password of a URL are used', async () => {
  const tries = start({ servers: `nats://fleet:secret@${(await greeter()).address}` })
  await until('it is tried', () => tries.length > 0)
  expect(tries[0]).toMatchObject({ user: 'fleet', pass: 'secret' })
})

// They were mixed among the given ones, and each that was out of reach cost four seconds.
test('servers that the broker names are tried after the given ones', async () => {
  const all = [await greeter(), await greeter(), await greeter(), await greeter()]
  const [given = '', ...named] = all.map(({ address }) => address)
  const tries = start({ servers: given }, { connect_urls: named })
  await until('it is tried some times', () => tries.length === 4)
  expect(tries.map(({ servers }) => servers)).toEqual(Array(4).fill([given]))
})

test.each<[string, NatsOptions, NatsInfo, string[]]>([
  ['are tried', TLS_FIRST, { connect_urls: ['b.example:4222'] }, ['a.example:4222', 'b.example:4222']],
  [
    'are not tried with ignoreClusterUpdates',
    { ...TLS_FIRST, ignoreClusterUpdates: true },
    { connect_urls: ['b.example:4222'] },
    ['a.example:4222']
  ],
  [
    // Their certificates name no address.
    'are tried with TLS only if they have a name',
    TLS_FIRST,
    { connect_urls: ['192.0.2.1:4222', '[2001:db8::1]:4222', 'b.example:4222'] },
    ['a.example:4222', 'b.example:4222']
  ],
  [
    // Such an entry made every further try fail.
    'are left out if they are malformed',
    TLS_FIRST,
    { connect_urls: ['b.example:99999', 'b.example', '', 'x y:1', 'b.example:4222?', 'c.example:4222'] },
    ['a.example:4222', 'c.example:4222']
  ]
])('servers that the broker names %s', async (_, options, info, servers) => {
  const tries = start({ servers: 'a.example', ...options }, info)
  await until('it is tried again', () => tries.length === 2)
  expect(tries[1]?.servers).toEqual(servers)
})

test('without TLS, an address that the broker names is tried when the given server is gone', async () => {
  const [given, named] = [await greeter(), await greeter()]
  const tries = start({ servers: given.address }, { connect_urls: [named.address] })
  await until('it is tried', () => tries.length > 0)
  given.close()
  await until('the other is tried', () => tries.some(({ servers }) => servers?.[0] === named.address))
})
