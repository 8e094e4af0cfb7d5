import { encodeFrame, encodeHello, FRAME, Link, PROTOCOL_VERSION, ProxyError } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { pause, until } from '../../../runtime/test/support/until.js'
import { DiscoverySwarmStreamServer } from '../../src/compat/discovery-swarm-stream.js'
import { HyperswarmProxyServer } from '../../src/compat/hyperswarm-proxy.js'
import { type Authenticate, type ClientHello, ProxyServer } from '../../src/index.js'
import { pair } from '../support/pair.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf, EMPTY, TestClient, topicOf } from '../support/test-client.js'

const LIMITS = { maxStreams: 1, maxRequests: 1, requestsPerSecond: 1, maxBodyBytes: 1 }

test('a client is admitted and identified', async () => {
  const server = rendezvousServer()
  const link = new Promise((resolve) => server.once('client', resolve))
  const client = await TestClient.connect(server, { remoteAddress: '192.0.2.7' })
  const [session] = server.clients
  expect(await link).toBe(session)
  expect(session?.remoteAddress).toBe('192.0.2.7')
  expect(session?.userAgent).toBe('test')
  expect(client.welcome).toMatchObject({ resumed: false, graceMs: 30_000, limits: { maxStreams: 0 } })
})

test('handleStream returns the session to which a link belongs', async () => {
  const server = rendezvousServer()
  const [ours, theirs] = pair()
  const link = server.handleStream(theirs)
  expect(link.session).toBeNull()
  await new TestClient().greet(ours)
  const [session] = server.clients
  expect(await link.ready).toBe(session)
  expect(link.session).toBe(session)
  ours.destroy()
  expect((await link.closed).code).toBe('LINK_CLOSED')
})

test.each([
  ['false', () => false, 'the server refused the client', 'AUTH_DENIED'],
  ['throwing', () => Promise.reject(new Error('unknown token')), 'unknown token', 'AUTH_DENIED'],
  ['forgetting to answer', () => undefined as unknown as boolean, 'the server', 'AUTH_DENIED'],
  ['invalid limits', () => ({ limits: { maxKeys: -1 } }), 'internal error', 'INTERNAL']
])('authenticate denies by %s', async (_, authenticate, message, code) => {
  const server = rendezvousServer({ authenticate })
  const denials: ProxyError[] = []
  server.on('denied', (error) => denials.push(error))
  await expect(TestClient.connect(server)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  expect(denials.map((error) => error.code)).toEqual([code])
  expect(server.clients.size).toBe(0)
  expect(server.stats.denied).toEqual({ [code]: 1 })
})

test('authenticate receives the client’s greeting, and returns its userData', async () => {
  const heard: ClientHello[] = []
  const server = rendezvousServer({
    authenticate: (hello) => {
      heard.push(hello)
      return { userData: { name: 'eve' } }
    }
  })
  await TestClient.connect(server, { auth: b4a.from('token'), remoteAddress: '192.0.2.1' })
  expect(heard).toEqual([
    { auth: b4a.from('token'), userAgent: 'test', remoteAddress: '192.0.2.1', request: null, resumed: false }
  ])
  expect([...server.clients][0]?.userData).toEqual({ name: 'eve' })
})

test.each<[string, Authenticate, object]>([
  ['false', () => false, { retryable: true, retryAfterMs: null }],
  [
    'a returned denial',
    () => ({ denied: true, message: 'no' }),
    { message: 'no', retryable: true, retryAfterMs: null }
  ],
  [
    'a final one',
    () => ({ denied: true, message: 'banned', retryable: false }),
    { message: 'banned', retryable: false, retryAfterMs: null }
  ],
  ['one with a time', () => ({ denied: true, retryAfterMs: 1500.4 }), { retryable: true, retryAfterMs: 1500 }],
  ['one with an endless time', () => ({ denied: true, retryAfterMs: Infinity }), { retryAfterMs: 0xffffffff }],
  ['one with nonsense', () => ({ denied: true, retryAfterMs: -1 }), { retryable: true, retryAfterMs: null }],
  [
    'a ProxyError with an endless time',
    () => Promise.reject(new ProxyError('AUTH_DENIED', 'no', { retryAfterMs: Infinity })),
    { retryAfterMs: 0xffffffff }
  ],
  [
    'a thrown error with the same properties',
    () => Promise.reject(Object.assign(new Error('later'), { retryable: false, retryAfterMs: 10 })),
    { message: 'later', retryable: false, retryAfterMs: 10 }
  ],
  // A returned error was taken for a grant without restrictions.
  ['a returned error', () => new Error('no') as never, { message: 'no', retryable: true }]
])(
  'authenticate denies by %s, and the client learns whether and when to come back',
  async (_, authenticate, expected) => {
    const denied = TestClient.connect(rendezvousServer({ authenticate }))
    await expect(denied).rejects.toMatchObject({ code: 'AUTH_DENIED', ...expected })
  }
)

test('authenticate sees the request that was given with a duplex', async () => {
  const seen: unknown[] = []
  const server = rendezvousServer({ authenticate: ({ request }) => seen.push(request?.cookies['session']) > 0 })
  const [ours, theirs] = pair()
  server.handleStream(theirs, { request: { url: '/', headers: { cookie: 'session=5' } } })
  await new TestClient().greet(ours)
  expect(seen).toEqual(['5'])
})

test('authenticate has a deadline', async () => {
  const server = rendezvousServer({ authenticate: () => new Promise(() => {}), limits: { authTimeoutMs: 30 } })
  await expect(TestClient.connect(server)).rejects.toMatchObject({ code: 'AUTH_TIMEOUT', retry: true })
})

test('a client may have its own limits, and topics that it may not use', async () => {
  const server = rendezvousServer({
    authenticate: () => ({ limits: { maxTopics: 1 }, allowTopic: async (topic) => topic[0] !== 66 })
  })
  const client = await TestClient.connect(server)
  await client.listen()
  await client.announce(topicOf(1))
  expect(await codeOf(client.announce(topicOf(2)))).toBe('LIMIT')
  expect(await codeOf(client.announce(topicOf(66)))).toBe('AUTH_DENIED')
  expect(await codeOf(client.lookup(topicOf(66)))).toBe('AUTH_DENIED')
  expect(client.session.destroyed).toBe(false)
})

test('silent links are cut at the deadline, even if they send a byte now and then', async () => {
  const server = rendezvousServer({ limits: { handshakeTimeoutMs: 60 } })
  const [silent, silentEnd] = pair()
  const [slow, slowEnd] = pair()
  server.handleStream(silentEnd)
  const link = server.handleStream(slowEnd)
  const hello = encodeFrame(FRAME.HELLO, new Uint8Array(100))
  let at = 0
  const drip = setInterval(() => slow.write(hello.subarray(at, ++at)), 10)
  for (const end of [silent, slow]) end.resume()
  expect(await link.ready).toBeNull()
  expect((await link.closed).code).toBe('AUTH_TIMEOUT')
  clearInterval(drip)
  await until(() => server.stats.greetings === 0)
  expect(server.stats.denied).toEqual({ AUTH_TIMEOUT: 2 })
})

test('something other than a client gets NOT_A_PROXY, and the server continues', async () => {
  const server = rendezvousServer()
  const strangers: [Uint8Array, string][] = [
    [b4a.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'), 'NOT_A_PROXY'],
    [encodeFrame(FRAME.HELLO, b4a.from('nonsense')), 'NOT_A_PROXY'],
    [encodeFrame(FRAME.WELCOME, EMPTY), 'NOT_A_PROXY'],
    [encodeFrame(FRAME.HELLO, b4a.from('SWARMWAY\u0063\u0000\u0000')), 'VERSION_MISMATCH'],
    [
      encodeFrame(FRAME.HELLO, b4a.from(`SWARMWAY${String.fromCharCode(PROTOCOL_VERSION)}\u0000\u0000`)),
      'PROTOCOL_ERROR'
    ],
    // A length beyond the limit of a greeting.
    [Uint8Array.of(0, 0, 1, 0, FRAME.HELLO), 'FRAME_TOO_LARGE']
  ]
  for (const [bytes, code] of strangers) {
    const [ours, theirs] = pair()
    const link = server.handleStream(theirs)
    ours.resume()
    ours.write(bytes)
    const error = await link.closed
    expect([code, 'NOT_A_PROXY']).toContain(error.code)
    expect(await link.ready).toBeNull()
  }
  await TestClient.connect(server)
})

test('frames before the answer, and a second greeting, end the link', async () => {
  const server = rendezvousServer({ authenticate: () => new Promise(() => {}) })
  const hello = encodeHello({ auth: EMPTY, userAgent: '', limits: LIMITS })
  for (const second of [hello, encodeFrame(FRAME.REQUEST, new Uint8Array(8))]) {
    const [ours, theirs] = pair()
    const link = server.handleStream(theirs)
    new Link(ours).send(hello)
    ours.write(second)
    expect(['PROTOCOL_ERROR', 'NOT_A_PROXY']).toContain((await link.closed).code)
  }
  expect(server.stats.greetings).toBe(0)
})

test('pings are answered before the greeting, and do not extend its deadline', async () => {
  const server = rendezvousServer({ limits: { handshakeTimeoutMs: 50 } })
  const [ours, theirs] = pair()
  const link = server.handleStream(theirs)
  ours.resume()
  ours.write(encodeFrame(FRAME.PING, Uint8Array.of(1, 0, 0, 0)))
  expect((await link.closed).code).toBe('AUTH_TIMEOUT')
})

test('maxClients: one more is denied with retry until a place is free', async () => {
  const server = rendezvousServer({ limits: { maxClients: 1 } })
  const first = await TestClient.connect(server)
  await expect(TestClient.connect(server)).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  // Resuming a session needs no free place.
  first.watch(topicOf(1))
  await until(() => [...server.clients][0]?.stats.watches === 1)
  first.cut()
  await first.resume(server)
  first.session.destroy()
  await until(() => server.clients.size === 0)
  await TestClient.connect(server)
})

test('maxGreetings: further links are closed', async () => {
  const server = rendezvousServer({ limits: { maxGreetings: 2 } })
  const ends = Array.from({ length: 2 }, () => pair())
  const links = ends.map(([, theirs]) => server.handleStream(theirs).link)
  for (const [ours] of ends) ours.write(Uint8Array.of(100))
  await until(() => links.every((link) => link.bytesIn > 0))
  await expect(TestClient.connect(server)).rejects.toMatchObject({ code: 'LIMIT', retry: true })
  for (const [ours] of ends) ours.destroy()
  await until(() => server.stats.greetings === 0)
  await TestClient.connect(server)
})

test('a duplex that fails, ends or was destroyed causes no exception', async () => {
  const server = rendezvousServer({ limits: { handshakeTimeoutMs: 50 } })
  const [failing, failingEnd] = pair()
  const [ending, endingEnd] = pair()
  const [, gone] = pair()
  gone.destroy()
  const links = [failingEnd, endingEnd, gone].map((duplex) => server.handleStream(duplex))
  failingEnd.destroy(new Error('broken'))
  ending.end()
  failing.resume()
  for (const link of links) expect(await link.ready).toBeNull()
  await pause(60)
  expect(server.stats).toMatchObject({ greetings: 0, clients: 0 })
})

test('destroy ends clients, greetings and later links with SERVER_CLOSING', async () => {
  const server = rendezvousServer({
    authenticate: async ({ auth }) => auth.length === 0 || pause(1000).then(() => true)
  })
  const client = await TestClient.connect(server)
  const greeting = TestClient.connect(server, { auth: b4a.from('slow') })
  const isDenied = expect(greeting).rejects.toMatchObject({ code: 'SERVER_CLOSING', retry: true })
  await until(() => server.stats.greetings === 1)
  expect(server.destroy()).toBe(server.destroy())
  await isDenied
  await server.destroy()
  await until(() => client.closedWith !== null)
  expect(client.closedWith).toMatchObject({ code: 'SERVER_CLOSING', remote: true })
  await expect(TestClient.connect(server)).rejects.toMatchObject({ code: 'SERVER_CLOSING' })
  expect(server.clients.size).toBe(0)
})

// It denied in the turn in which the stream was handed over. A client in the same process that answered with another stream
// kept the event loop from turning.
test.each([ProxyServer, HyperswarmProxyServer, DiscoverySwarmStreamServer])(
  'a destroyed %o denies with SERVER_CLOSING, in a turn of its own, whatever the client sends',
  async (Server) => {
    const server = new Server({ dht: null })
    await server.destroy()
    const [ours, theirs] = pair()
    const link = server.handleStream(theirs)
    let ended = ''
    void link.closed.then(({ code }) => {
      ended = code
    })
    await Promise.resolve()
    expect([ended, server.stats.greetings]).toEqual(['', 1])
    await expect(new TestClient().greet(ours)).rejects.toMatchObject({ code: 'SERVER_CLOSING' })
    expect([await link.ready, (await link.closed).code]).toEqual([null, 'SERVER_CLOSING'])
    expect([server.stats.greetings, server.clients.size]).toEqual([0, 0])
  }
)
