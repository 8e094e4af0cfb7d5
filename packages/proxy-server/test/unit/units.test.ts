import { monotonicMs, RateLimit, type Session } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { AddressPolicy, isPublicHost } from '../../src/dht/addresses.js'
import type { HyperDht, NoisePayload } from '../../src/dht/hyperdht.js'
import { encodePayload } from '../../src/dht/native.js'
import { readPayload } from '../../src/dht/payload.js'
import { withCode } from '../../src/errors.js'
import { DEFAULT_SERVER_LIMITS, ProxyServer, type ProxyServerOptions } from '../../src/index.js'
import { SignatureQueue } from '../../src/sessions/signature-queue.js'
import { Counters } from '../../src/stats/counters.js'

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.2.1',
  '198.19.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '255.255.255.255',
  'localhost',
  '::1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '0x7f.0.0.1'
])('%s is not public', (host) => expect(isPublicHost(host)).toBe(false))

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.0.1',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '223.1.1.1'
])('%s is public', (host) => expect(isPublicHost(host)).toBe(true))

test('addresses from the DHT may be private only if the DHT is private', () => {
  const dhtOn = (...hosts: string[]) => ({ bootstrapNodes: hosts.map((host) => ({ host, port: 1 })) }) as HyperDht
  const policies = [
    dhtOn('10.0.0.1', '127.0.0.1'),
    dhtOn('10.0.0.1', '1.1.1.1'),
    dhtOn('node1.example.org'),
    dhtOn(),
    null
  ]
  expect(policies.map((dht) => new AddressPolicy(false, dht).mayContact('10.0.0.9'))).toEqual([
    true,
    false,
    false,
    false,
    false
  ])
  const strict = new AddressPolicy(false, dhtOn('10.0.0.1'))
  const addresses = [
    { host: '10.0.0.9', port: 1 },
    { host: '1.1.1.1', port: 2 },
    { host: '1.1.1.1', port: 0 }
  ]
  expect(strict.fromClient(addresses)).toEqual([addresses[1]])
  expect(new AddressPolicy(true, null).fromClient(addresses)).toEqual(addresses.slice(0, 2))
  expect(strict.mayContact(null)).toBe(true)
  expect(new AddressPolicy(false, null).mayContact(null)).toBe(false)
})

test('a payload that a client has read or made up loses the parts on which the server must not act', () => {
  const payload: NoisePayload = {
    version: 1,
    error: 0,
    firewall: 1,
    holepunch: {
      id: 1,
      relays: [
        { relayAddress: { host: '1.1.1.1', port: 1 }, peerAddress: { host: '10.0.0.1', port: 1 } },
        { relayAddress: { host: '1.1.1.1', port: 1 }, peerAddress: { host: '1.1.1.2', port: 1 } }
      ]
    },
    addresses4: [
      { host: '192.168.0.1', port: 1 },
      { host: '1.1.1.1', port: 2 }
    ],
    addresses6: [],
    udx: { id: 1, seq: 0, reusableSocket: false },
    secretStream: { version: 1 },
    relayThrough: { publicKey: new Uint8Array(32), token: new Uint8Array(32) },
    relayAddresses: [{ host: '1.1.1.1', port: 1 }]
  }
  const read = readPayload(encodePayload(payload), new AddressPolicy(false, null))
  expect(read).toMatchObject({
    addresses4: [{ host: '1.1.1.1', port: 2 }],
    relayThrough: null,
    relayAddresses: null,
    udx: { id: 1 }
  })
  expect(read.holepunch?.relays).toHaveLength(1)
  expect(() => readPayload(new Uint8Array(0), new AddressPolicy(false, null))).toThrow(
    expect.objectContaining({ code: 'PEER_CONNECTION_FAILED' })
  )
})

test.each([
  [{ limits: { maxClients: 0 } }, 'limits.maxClients'],
  [{ limits: { maxKeys: 1.5 } }, 'limits.maxKeys'],
  [{ limits: { requestsPerSecond: -1 } }, 'limits.requestsPerSecond'],
  [{ limits: { maxStreems: 1 } }, 'limits.maxStreems'],
  [{ bootstrap: ['127.0.0.1:1', '127.0.0.1:abc'] }, 'bootstrap[1]'],
  [{ bootstrap: '127.0.0.1:1' }, 'bootstrap'],
  [{ graceMs: -1 }, 'graceMs'],
  [{ lookupCacheMs: Number.NaN }, 'lookupCacheMs'],
  [{ drainMs: '1' }, 'drainMs'],
  [{ authenticate: 'yes' }, 'authenticate'],
  [{ dht: 'yes' }, 'dht'],
  [{ ownsDht: 'yes' }, 'ownsDht'],
  [{ connectClients: 1 }, 'connectClients'],
  [{ allowPrivateAddresses: 'no' }, 'allowPrivateAddresses']
])('a bad option is refused by name: %j', (options, name) => {
  expect(() => new ProxyServer({ dht: null, ...(options as ProxyServerOptions) })).toThrow(TypeError)
  expect(() => new ProxyServer({ dht: null, ...(options as ProxyServerOptions) })).toThrow(name)
})

test('every limit has a finite default', () => {
  for (const [name, value] of Object.entries(DEFAULT_SERVER_LIMITS)) expect(value, name).toSatisfy(Number.isSafeInteger)
})

test('signatures are requested no faster than the client has announced', async () => {
  let asked = 0
  let answer: (() => void)[] = []
  const session = {
    request: () => {
      asked++
      return new Promise<Uint8Array>((resolve) => answer.push(() => resolve(new Uint8Array(64))))
    }
  } as unknown as Session
  let now = 0
  let tick: (() => void) | null = null
  const clock = {
    now: () => monotonicMs(now),
    setTimeout: (run: () => void) => {
      tick = run
      return 1
    },
    clearTimeout: () => {}
  }
  expect(new RateLimit(1, clock).take()).toBe(true)
  const limits = { maxStreams: 0, maxRequests: 8, requestsPerSecond: 20, maxBodyBytes: 1000 }
  const queue = new SignatureQueue(session, limits, clock)
  const all = Array.from({ length: 15 }, () => queue.request(40, new Uint8Array(0), {}))
  expect(asked).toBe(4)
  const finish = async () => {
    for (const done of answer.splice(0)) done()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let i = 0; i < 5; i++) await finish()
  // Half of twenty at once, and then half of twenty a second.
  expect(asked).toBe(10)
  now += 200
  ;(tick as unknown as () => void)()
  expect(asked).toBe(12)
  queue.destroy(new Error('over'))
  answer = []
  const results = await Promise.allSettled(all.slice(12))
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
})

test('codes that clients make up do not fill the counters', () => {
  const counters = new Counters()
  for (let i = 0; i < 1000; i++) counters.countReset(`CODE_${i}`)
  expect(Object.keys(counters.resets)).toHaveLength(65)
  expect(counters.resets['OTHER']).toBe(1000 - 64)
})

test('errors keep their own code or get the fallback', () => {
  expect(withCode(Object.assign(new Error('no'), { code: 'PEER_NOT_FOUND' }), 'X').code).toBe('PEER_NOT_FOUND')
  expect(withCode(new Error('no'), 'X')).toMatchObject({ code: 'X', message: 'no' })
  expect(withCode(Object.assign(new Error('no'), { code: 'not a code' }), 'X').code).toBe('X')
  expect(withCode(null, 'X').code).toBe('X')
})
