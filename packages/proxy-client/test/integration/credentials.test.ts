/** Credentials that change: `auth` as a function, and denials that say when to come back. */

import { ProxyError } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Authenticate } from '../../../proxy-server/src/index.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type AuthRequest, ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { createRig } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

interface Failure {
  readonly code: string
  readonly message: string
  readonly retryMs: number | null
  readonly cause: unknown
}

/** A client with a clock that the test moves, at a server that decides with `authenticate`. */
async function deniable(authenticate: Authenticate, options: Partial<ProxyClientOptions>) {
  const rig = await createRig({ testnet: null })
  const { door } = await rig.createServer({ authenticate })
  const clock = new FakeClock()
  const control = new LinkControl()
  const waits = { reconnectMinMs: 1000, reconnectMaxMs: 30_000, random: () => 0.5 }
  const connect = control.through(door.connect)
  const client = new ProxyClient({ connect, clock, ...waits, ...options })
  onTestFinished(() => client.destroy())
  const failures: Failure[] = []
  client.on('disconnected', ({ error: { cause, code, message }, retryMs }) =>
    failures.push({ cause, code, message, retryMs })
  )
  return { client, clock, control, failures }
}

/** Tokens that the server knows. */
function tokens(...known: string[]): { accept: Set<string>; authenticate: Authenticate } {
  const accept = new Set(known)
  return {
    accept,
    authenticate: ({ auth }) => {
      if (accept.has(b4a.toString(auth))) return true
      throw new Error('token expired')
    }
  }
}

test('a function auth is called for every link, so that a token that has expired is replaced', async () => {
  // The token was fixed: a link that dropped after it had expired was denied, and that was final.
  const { accept, authenticate } = tokens('first')
  const asked: AuthRequest[] = []
  const auth = async (request: AuthRequest) => {
    asked.push(request)
    await turns(3)
    return [...accept][0]
  }
  const { client, clock, control } = await deniable(authenticate, { auth })
  const resumed: boolean[] = []
  client.on('connected', (state) => resumed.push(state.resumed))
  await client.listen()
  accept.clear()
  accept.add('second')
  control.cut()
  await until('the cut', () => !client.connected)
  await clock.advance(2000)
  await until('the second link', () => client.connected)
  expect(resumed, 'the session is kept').toEqual([false, true])
  expect(asked.map(({ attempt, lastError, url }) => [attempt, lastError?.code, url])).toEqual([
    [1, undefined, null],
    [1, 'LINK_CLOSED', null]
  ])
})

test('a function auth that learns of a denial can give other credentials at once; the next denial is slow', async () => {
  const { authenticate } = tokens('good')
  const asked: (string | undefined)[] = []
  const auth = ({ lastError }: AuthRequest) => {
    asked.push(lastError?.code)
    return asked.length < 3 ? 'stale' : 'good'
  }
  const { client, clock, failures } = await deniable(authenticate, { auth })
  await until('a denial', () => failures.length === 1)
  await clock.advance(2000)
  await until('another denial', () => failures.length === 2)
  expect(failures.map(({ code, retryMs }) => [code, retryMs])).toEqual([
    ['AUTH_DENIED', 1500],
    ['AUTH_DENIED', 26_250]
  ])
  await clock.advance(26_250)
  await until('a link', () => client.connected)
  expect(asked).toEqual([undefined, 'AUTH_DENIED', 'AUTH_DENIED'])
})

test.each<[string, NonNullable<ProxyClientOptions['auth']>, RegExp]>([
  ['throws', () => Promise.reject(new Error('the login server is down')), /the login server is down/],
  [
    'throws at once',
    () => {
      throw new Error('no token')
    },
    /no token/
  ],
  ['throws nothing', () => Promise.reject(), /failed: undefined/],
  ['gives a number', (() => 5) as never, /neither a string nor a Uint8Array/],
  ['gives an object', (() => ({ token: 'good' })) as never, /neither a string nor a Uint8Array/],
  ['gives a function', (() => () => 'good') as never, /neither a string nor a Uint8Array/],
  ['gives too much', () => 'x'.repeat(8193), /at most 8192 bytes/]
])('a function auth that %s is a failure with a code, and is called again', async (_what, broken, message) => {
  let calls = 0
  const auth = async (request: AuthRequest) => {
    calls++
    return calls === 1 ? (broken as (request: AuthRequest) => Promise<string>)(request) : 'good'
  }
  const { client, clock, control, failures } = await deniable(tokens('good').authenticate, { auth })
  await until('a failure', () => failures.length === 1)
  expect(failures).toMatchObject([{ code: 'AUTH_UNAVAILABLE', message: expect.stringMatching(message), retryMs: 1500 }])
  expect(control.opened).toBe(0)
  await clock.advance(2000)
  await until('a link', () => client.connected)
})

test('a function auth that never settles has connectTimeoutMs, and its signal aborts', async () => {
  const asked: AuthRequest[] = []
  const auth = (request: AuthRequest) => {
    asked.push(request)
    return new Promise<string>(() => {})
  }
  const { client, clock, failures } = await deniable(() => true, { auth, connectTimeoutMs: 5000 })
  await clock.advance(5000)
  await until('a failure', () => failures.length === 1)
  expect(failures).toMatchObject([{ code: 'AUTH_UNAVAILABLE', message: expect.stringContaining('5000 ms') }])
  expect(asked[0]?.signal.aborted).toBe(true)
  client.reconnect()
  expect(asked[1]?.signal.aborted).toBe(false)
  await client.destroy()
  expect(asked[1]?.signal.aborted).toBe(true)
  await turns()
  expect(clock.liveTimers).toBe(0)
})

/** A function `auth` whose answers the test gives. */
function slowAuth() {
  const asked: (AuthRequest & { give(token: string): void })[] = []
  const auth = (request: AuthRequest) =>
    new Promise<string>((give) => void asked.push({ ...request, signal: request.signal, give }))
  return { asked, auth }
}

test('a function auth that is slow does not use up the time of the link, which may be slow as well', async () => {
  const { asked, auth } = slowAuth()
  const { client, clock, control, failures } = await deniable(() => true, { auth, connectTimeoutMs: 5000 })
  control.isSilent = true
  await clock.advance(4000)
  asked[0]?.give('good')
  await until('the link', () => control.opened === 1)
  await clock.advance(4999)
  expect(failures).toEqual([])
  await clock.advance(1)
  expect(failures).toMatchObject([{ code: 'LINK_TIMEOUT', retryMs: 1500 }])
  control.isSilent = false
  await clock.advance(1500)
  asked[1]?.give('good')
  await until('a link that carries something', () => client.connected)
  expect(asked.map(({ attempt, lastError }) => [attempt, lastError?.code])).toEqual([
    [1, undefined],
    [2, 'LINK_TIMEOUT']
  ])
})

test('credentials that come after their deadline open no link', async () => {
  const { asked, auth } = slowAuth()
  const { client, clock, control, failures } = await deniable(() => true, { auth, connectTimeoutMs: 5000 })
  await clock.advance(5000)
  expect(failures).toMatchObject([{ code: 'AUTH_UNAVAILABLE' }])
  asked[0]?.give('late')
  await turns()
  expect(control.opened).toBe(0)
  await clock.advance(2000)
  asked[1]?.give('good')
  await until('a link', () => client.connected)
  expect([control.opened, failures.length]).toEqual([1, 1])
})

test('a session whose next link is denied for good ends with its grace period, and nothing is tried until reconnect', async () => {
  let isBanned = false
  const authenticate = () => (isBanned ? ({ denied: true, retryable: false } as const) : true)
  const { client, clock, control, failures } = await deniable(authenticate, {})
  await client.listen()
  isBanned = true
  control.cut()
  await until('it has noticed', () => failures.length === 1)
  await clock.advance(2000)
  await until('it is denied', () => failures.length === 2)
  expect(failures[1]).toMatchObject({ code: 'AUTH_DENIED', retryMs: null })
  expect(client.linkStats).not.toBeNull()
  await clock.advance(30_000)
  expect(client.linkStats).toBeNull()
  await clock.advance(3_600_000)
  expect(control.opened).toBe(2)
  isBanned = false
  client.reconnect()
  await until('it is admitted', () => client.connected)
})

test('a session that is over while the function auth thinks is followed by a new one', async () => {
  const { asked, auth } = slowAuth()
  const { client, clock, control } = await deniable(() => true, { auth, connectTimeoutMs: 120_000 })
  const resumed: boolean[] = []
  client.on('connected', (state) => resumed.push(state.resumed))
  asked[0]?.give('good')
  await client.listen()
  control.cut()
  await until('it has noticed', () => !client.connected)
  await clock.advance(2000)
  expect([asked.length, client.linkStats]).toEqual([2, expect.anything()])
  await clock.advance(30_000)
  expect(client.linkStats, "after the server's grace period").toBeNull()
  asked[1]?.give('good')
  await until('a link', () => client.connected)
  expect(resumed).toEqual([false, false])
})

test('a duplex that fails while the function auth thinks ends neither the process nor the client', async () => {
  let give: (token: string) => void = () => {}
  const auth = () => new Promise<string>((resolve) => (give = resolve))
  const rig = await createRig({ testnet: null })
  const client = rig.createSwarm({ connection: null, auth })
  const duplex = new (await import('streamx')).Duplex()
  client.reconnect(duplex as never)
  duplex.destroy(new Error('the cable is gone'))
  await turns()
  const failed = new Promise((resolve) => client.once('disconnected', resolve))
  give('late')
  expect(await failed).toMatchObject({ retryMs: null })
})

test.each<[string, Authenticate]>([
  ['returned', () => ({ denied: true, message: 'maintenance', retryAfterMs: 60_000 })],
  ['thrown', () => Promise.reject(Object.assign(new Error('maintenance'), { retryAfterMs: 60_000 }))],
  ['a ProxyError', () => Promise.reject(new ProxyError('AUTH_DENIED', 'maintenance', { retryAfterMs: 60_000 }))]
])('the time of a denial that is %s is kept, and a quarter more at most', async (_how, authenticate) => {
  const { failures } = await deniable(authenticate, { auth: () => 'x' })
  await until('a denial', () => failures.length === 1)
  expect(failures).toMatchObject([{ code: 'AUTH_DENIED', message: 'maintenance', retryMs: 60_000 * 1.125 }])
})

describe.each<[string, (retryAfterMs: number) => Authenticate]>([
  ['returned', (retryAfterMs) => () => ({ denied: true, retryAfterMs })],
  ['thrown', (retryAfterMs) => () => Promise.reject(Object.assign(new Error('no'), { retryAfterMs }))],
  ['a ProxyError', (retryAfterMs) => () => Promise.reject(new ProxyError('AUTH_DENIED', 'no', { retryAfterMs }))]
])('a denial that is %s', (_how, denying) => {
  test.each([1e7, 1e12, 1e300, Number.POSITIVE_INFINITY])('for %d ms keeps a client away for an hour', async (ms) => {
    const { failures } = await deniable(denying(ms), {})
    await until('a denial', () => failures.length === 1)
    expect(failures[0]?.retryMs).toBe(3_600_000 * 1.125)
  })

  // Of a ProxyError, -1 ms were 49 days on the wire, and NaN none at all.
  test.each([-1, -1e12, Number.NaN, Number.NEGATIVE_INFINITY, '60000' as unknown as number])(
    'for %s ms is one without a time: tried again slowly',
    async (ms) => {
      const { failures } = await deniable(denying(ms), {})
      await until('a denial', () => failures.length === 1)
      expect(failures[0]?.retryMs).toBe(26_250)
    }
  )
})

test('with several servers, one that asks us to wait does not delay the next one', async () => {
  const rig = await createRig({ testnet: null })
  const busy = await rig.createServer({ authenticate: () => ({ denied: true, retryAfterMs: 60_000 }) })
  const other = await rig.createServer()
  const control = new LinkControl()
  const connect = [control.through(busy.door.connect), other.door.connect]
  const client = rig.createSwarm({ connect, serverOrder: 'listed' })
  await until('the other server', () => client.connected)
  expect(control.opened).toBe(1)
  expect(other.server.clients.size).toBe(1)
})

test('a client that was denied at first joins its topics once it is admitted', async () => {
  // What had been asked while it was denied has failed, and nothing asked for it again.
  const { accept, authenticate } = tokens()
  const rig = await createRig({ testnet: null })
  const { door } = await rig.createServer({ authenticate })
  const [client, other] = [rig.createSwarm({ door, auth: 'a' }), rig.createSwarm({ door, auth: 'a' })]
  const topic = freshTopic()
  const denied: string[] = []
  client.on('disconnected', ({ error }) => denied.push(error.code))
  for (const swarm of [client, other]) swarm.join(topic)
  await until('the denial', () => denied.length > 0)
  accept.add('a')
  await until('they meet', () => client.connections.size === 1 && other.connections.size === 1)
})
