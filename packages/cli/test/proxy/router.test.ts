import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { DEFAULT_LIMITS, type DuplexLike, encodeFrame, encodeHello, ProxyError } from '@swarmway/proxy-protocol'
import { ProxyServer, type ProxyServerOptions, type ServerLimits, type StreamInfo } from '@swarmway/proxy-server'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { createLog } from '../../src/proxy/server/log.js'
import type { Rereadable } from '../../src/proxy/workers/first-bytes.js'
import {
  connectHandoverSocket,
  join as joinLinks,
  openHandoverSocket
} from '../../src/proxy/workers/handover-socket.js'
import { LinkRouter, type SessionFinder } from '../../src/proxy/workers/link-router.js'
import { readClaim } from '../../src/proxy/workers/resume-claim.js'
import { SessionDirectory } from '../../src/proxy/workers/session-directory.js'
import { Backoff } from '../../src/proxy/workers/worker-slot.js'
import { folder } from './support/files.js'
import { client } from './support/proxy.js'

const LIMITS = { maxGreetingBytes: 1024, maxGreetings: 2, handshakeTimeoutMs: 60_000 }
const HELLO = { auth: new Uint8Array(0), userAgent: '', limits: DEFAULT_LIMITS }
const CLAIM = { sessionId: new Uint8Array(16).fill(1), resumeToken: new Uint8Array(32), received: 0 }
const FRESH = encodeHello(HELLO)
const RESUMING = encodeHello({ ...HELLO, resume: CLAIM })
/** What is known of each link. */
const INFO: StreamInfo = { remoteAddress: '192.0.2.1', request: { url: '/?a=b', headers: { cookie: 'session=5' } } }
const NOBODY: SessionFinder = { has: () => false, find: async () => null }

/** A worker's router behind a TCP port; removed after the test. */
async function router(
  finder: SessionFinder = NOBODY,
  limits: Partial<ServerLimits> = {},
  options: ProxyServerOptions = {}
) {
  const server = new ProxyServer({ ...options, dht: null, drainMs: 0, limits: { ...LIMITS, ...limits } })
  const log = createLog({ logLevel: 'silent' }, 1)
  const router = new LinkRouter(server, finder, log)
  const listener = createServer((socket) => router.handleStream(socket, INFO))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    listener.close()
    await server.destroy()
  })
  const { port } = listener.address() as { port: number }
  const open = () => connect(port, '127.0.0.1')
  return { server, open }
}

/** Two workers: all sessions are at `home`, to which `roaming` passes links on. */
async function twoWorkers(options: ProxyServerOptions = {}) {
  const home = await router(NOBODY, {}, options)
  const path = join(folder(), 'door.sock')
  const door = await openHandoverSocket(path, home.server)
  onTestFinished(() => {
    door.close()
  })
  return { home, roaming: await router({ has: () => false, find: async () => path }) }
}

/** A connection that sends this, and shows when it is cut off. */
function saying(socket: Socket, bytes: Uint8Array) {
  const state = { isClosed: false }
  socket.on('error', () => {})
  socket.on('close', () => {
    state.isClosed = true
  })
  socket.write(bytes)
  onTestFinished(() => {
    socket.destroy()
  })
  return state
}

/** A client whose next link leads elsewhere. */
function movable(open: () => Socket) {
  let opens = open
  let link: Socket | null = null
  const swarm = client(() => {
    link = opens()
    return link
  })
  const to = (other: () => Socket) => {
    opens = other
  }
  return { swarm, to, cut: () => link?.destroy() }
}

test('a silent connection is cut off in time, like any that does not finish the greeting', async () => {
  const { open } = await router(NOBODY, { handshakeTimeoutMs: 100 })
  const silent = saying(open(), Buffer.alloc(0))
  await until('the end', () => silent.isClosed)
})

test('a client that keeps sending while the owner of its session is looked up is cut off', async () => {
  let isAsked = false
  const find = () => {
    isAsked = true
    return new Promise<null>(() => {})
  }
  const { open } = await router({ has: () => false, find })
  const flood = saying(open(), Buffer.concat([RESUMING, Buffer.alloc(2 * LIMITS.maxGreetingBytes)]))
  await until('the end', () => flood.isClosed)
  expect(isAsked).toBe(true)
})

test('bytes that are not a greeting are left to the server, and so are links beyond the limit', async () => {
  const { open, server } = await router()
  const denied: string[] = []
  server.on('denied', ({ code }) => denied.push(code))
  saying(open(), encodeFrame(0x21, Buffer.from('nonsense')))
  await until('the denial', () => denied.length === 1)
  const links = Array.from({ length: 4 }, () => saying(open(), Buffer.alloc(0)))
  await until('the oldest at the server', () => server.stats.greetings === 2)
  expect(links.some((link) => link.isClosed)).toBe(false)
})

test('a client whose session is at another worker is connected to it, byte for byte', async () => {
  const { home, roaming } = await twoWorkers()
  const { cut, swarm, to } = movable(home.open)
  // A client that has nothing to resume gets a new session.
  swarm.join(Buffer.alloc(32, 1))
  await until('an announcement', () => [...home.server.clients][0]?.stats.topics === 1)
  to(roaming.open)
  cut()
  await until('the next link', () => swarm.told.connected.length === 2)
  expect(swarm.told.connected[1]?.resumed).toBe(true)
  expect([home.server.clients.size, roaming.server.clients.size]).toEqual([1, 0])
})

/** The worker of the session saw only a closed socket, and peers saw a closed tab for the whole grace period. */
test('how the WebSocket of a client at another worker was closed reaches the session, after all its bytes', async () => {
  const home = await router()
  const path = join(folder(), 'door.sock')
  const door = await openHandoverSocket(path, home.server)
  onTestFinished(() => {
    door.close()
  })
  const reasons: string[] = []
  const received: string[] = []
  const taker = {
    handleStream: (duplex: DuplexLike) => {
      duplex.on('data', (chunk) => received.push(String(chunk)))
      duplex.on('error', (error) => reasons.push((error as ProxyError).code))
      duplex.on('close', () => reasons.push('closed'))
    }
  }
  const other = join(folder(), 'other.sock')
  const otherDoor = await openHandoverSocket(other, taker)
  onTestFinished(() => {
    otherDoor.close()
  })
  for (const code of ['GOING_AWAY', 'LINK_CLOSED']) {
    const inner = await connectHandoverSocket(other, { remoteAddress: '192.0.2.1' })
    const outer = new PassThrough()
    joinLinks(outer as unknown as Rereadable, inner)
    outer.write(`bytes of ${code}`)
    await until('the bytes', () => received.some((text) => text.includes(code)))
    outer.destroy(new ProxyError(code, 'it is over'))
    await until('the end', () => reasons.filter((reason) => reason === 'closed').length === received.length)
  }
  expect(reasons).toEqual(['GOING_AWAY', 'closed', 'closed'])
})

test('a client that goes away just as the worker of its session dies only ends', async () => {
  const path = join(folder(), 'door.sock')
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const inner = await connectHandoverSocket(path, {})
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    void until('the link', () => sockets.length === 1).then(() => sockets[0]?.destroy())
  })
  await inner.end(new ProxyError('GOING_AWAY', 'it is over'))
  await until('the end', () => inner.socket.destroyed)
})

test('authenticate sees the request of a link that another worker has accepted', async () => {
  const seen: unknown[] = []
  const authenticate: ProxyServerOptions['authenticate'] = ({ remoteAddress, request, resumed }) =>
    seen.push([resumed, remoteAddress, request?.cookies['session'], request?.query['a']]) > 0
  const { home, roaming } = await twoWorkers({ authenticate })
  const { cut, swarm, to } = movable(home.open)
  swarm.join(Buffer.alloc(32, 1))
  await until('an announcement', () => [...home.server.clients][0]?.stats.topics === 1)
  to(roaming.open)
  cut()
  await until('the next link', () => seen.length === 2)
  expect(seen).toEqual([
    [false, '192.0.2.1', '5', 'b'],
    [true, '192.0.2.1', '5', 'b']
  ])
})

test('if the other worker is gone the client gets a new session here', async () => {
  const home = await router()
  const roaming = await router({ has: () => false, find: async () => '/no/such/door' })
  const { cut, swarm, to } = movable(home.open)
  await until('a link', () => swarm.connected)
  to(roaming.open)
  cut()
  await until('a new session', () => roaming.server.clients.size === 1)
})

test('a claim is read from a whole greeting only', () => {
  expect(readClaim(FRESH, 1024)).toEqual({ kind: 'other' })
  expect(readClaim(RESUMING, 1024)).toEqual({ kind: 'session', id: '01'.repeat(16) })
  expect(readClaim(RESUMING.subarray(0, -1), 1024)).toEqual({ kind: 'incomplete' })
  expect(readClaim(Buffer.alloc(8, 0xff), 1024)).toEqual({ kind: 'other' })
})

test('workers that die young are replaced ever more slowly, up to 30 s; after one that lived, the delay starts over', () => {
  const backoff = new Backoff()
  expect(Array.from({ length: 9 }, () => backoff.next(10))).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000
  ])
  expect(backoff.next(60_000)).toBe(500)
})

test('the sessions of a dead worker are forgotten', () => {
  const directory = new SessionDirectory()
  directory.update('a', true, 1)
  directory.update('b', true, 2)
  directory.update('c', true, 2)
  directory.update('c', false, 2)
  directory.forget(1)
  expect(['a', 'b', 'c'].map((id) => directory.ownerOf(id))).toEqual([null, 2, null])
})
