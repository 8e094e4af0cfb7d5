/**
 * A server that holds a client's session and has no time at the moment: it answers 503, 429 or the like. Another server
 * answered, and so the client began a new session there and lost its connections, although it was to be let in again.
 */
import { type DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ProxyServer } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type Connect, ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { historyOf } from '../support/history.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { echo } from '../support/transfer.js'
import { wire } from '../support/wire.js'

vi.mock('#network', () => ({ networkFingerprint: () => 'lo 127.0.0.1' }))

const GRACE_MS = 60_000
const MIDDLE = () => 0.5

/** A way to a server, which refuses for as long as the test says so. */
class Gate extends LinkControl {
  refusal: Error | null = null

  override through(connect: Connect): Connect {
    return super.through(async () => {
      if (this.refusal !== null) throw this.refusal
      return connect()
    })
  }
}

const busy = (code: string, retryAfterMs?: number, retryable = true) =>
  new ProxyError(code, 'not now', { remote: true, retryAfterMs, retryable })

/** What a client says about its links from now on, with the time of the next try. */
function reportsOf(client: ProxyClient): [string, number | null][] {
  const reports: [string, number | null][] = []
  client.on('connected', ({ resumed }) => reports.push([resumed ? 'resumed' : 'new', null]))
  client.on('disconnected', ({ error, retryMs }) => reports.push([error.code, retryMs]))
  return reports
}

function createClient(connect: readonly Connect[], options: Partial<ProxyClientOptions> = {}) {
  const clock = new FakeClock()
  const settings = { clock, wallClock: clock.wall, random: MIDDLE, serverOrder: 'listed' } as const
  const client = new ProxyClient({ connect, ...settings, ...options })
  onTestFinished(() => client.destroy())
  return { client, clock, history: historyOf(client), reports: reportsOf(client) }
}

/** A client that is connected to a peer at the first of two servers. */
async function roam(options: Partial<ProxyClientOptions> = {}) {
  const rig = await createRig({ testnet: null, server: { graceMs: GRACE_MS } })
  const [first, second] = [await rig.createServer({ graceMs: GRACE_MS }), await rig.createServer()]
  const [a, b] = [new Gate(), new Gate()]
  const made = createClient([a.through(first.door.connect), b.through(second.door.connect)], options)
  const { client, clock } = made
  const peer = rig.createSwarm({ door: first.door })
  const topic = freshTopic()
  for (const swarm of [client, peer]) swarm.join(topic)
  const ends = await connectionBetween(client, peer)
  // A link that has lived: the waits begin with the first.
  await clock.advance(11_000)
  return { ...made, a, b, ends, first, second }
}

/** Takes the first server's link away, and refuses the next. */
async function refuseAt(a: Gate, refusal: Error): Promise<void> {
  a.refusal = refusal
  a.cut()
  await turns()
}

describe('the server that holds the session is only busy: it is waited for', () => {
  test.each<[string, Error]>([
    ['503', busy('SERVER_BUSY')],
    ['503 with Retry-After', busy('SERVER_BUSY', 5000)],
    ['503 with Retry-After: 0', busy('SERVER_BUSY', 0)],
    ['503 with a time that is none', busy('SERVER_BUSY', Number.NaN)],
    ['429', busy('RATE_LIMIT', 5000)],
    ['502 with Retry-After', busy('BAD_GATEWAY', 5000)],
    ['an authenticate that is slow', busy('AUTH_TIMEOUT')],
    ['a denial with a time', busy('AUTH_DENIED', 5000)],
    ["an application's connect", Object.assign(new Error('not now'), { retryAfterMs: 5000 })]
  ])('%s', async (_, refusal) => {
    const { a, b, client, clock, ends, history } = await roam()
    await refuseAt(a, refusal)
    await clock.advanceUntil(() => a.opened === 4)
    await turns()
    a.refusal = null
    await clock.advanceUntil(() => a.opened === 5)
    await until('it is back', () => client.connected)
    expect([history.length, history.at(-1), b.opened]).toEqual([6, 'resumed', 0])
    await echo(...ends)
  })

  test('the application is told the code and when the next try is', async () => {
    const { a, clock, reports } = await roam()
    await refuseAt(a, busy('SERVER_BUSY', 8000))
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    expect(reports.at(-1)).toEqual(['SERVER_BUSY', 9000])
    await clock.advance(8999)
    expect(a.opened).toBe(2)
    await clock.advance(1)
    expect(a.opened).toBe(3)
  })

  test('also if that turns out when another server has answered', async () => {
    const { a, b, client, clock, ends, history, second } = await roam()
    a.isDown = true
    a.cut()
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    a.isDown = false
    a.refusal = busy('SERVER_BUSY', 3000)
    await clock.advanceUntil(() => b.opened === 1)
    await until('the first got its last chance', () => history.at(-1) === 'SERVER_BUSY')
    await until('the other is not needed', () => b.live === 0)
    a.refusal = null
    await clock.advance(4000)
    await until('it is back', () => client.connected)
    expect([history.at(-1), second.server.clients.size]).toEqual(['resumed', 0])
    await echo(...ends)
  })
})

describe('it is not waited for', () => {
  test.each<[string, Error]>([
    ['for longer than the session lasts', busy('SERVER_BUSY', GRACE_MS)],
    ['for ever', busy('SERVER_BUSY', Number.POSITIVE_INFINITY)],
    ['if it has refused for good', busy('AUTH_DENIED', 1000, false)],
    ['if it has no place, and so no longer knows the session', busy('LIMIT')],
    ['if it is not there', new Error('connect ECONNREFUSED')]
  ])('%s', async (_, refusal) => {
    const { a, b, client, clock, history } = await roam()
    const beganMs = clock.now()
    await refuseAt(a, refusal)
    await clock.advanceUntil(() => b.opened === 1)
    expect(clock.now() - beganMs).toBeLessThan(1000)
    await until('it is at the other', () => client.connected)
    expect(history.at(-1)).toBe('new')
  })

  test('beyond the grace period, in which it is tried more and more rarely', async () => {
    const { a, b, client, clock, history } = await roam()
    const beganMs = clock.now()
    await refuseAt(a, busy('SERVER_BUSY'))
    await clock.advanceUntil(() => b.opened === 1)
    const tookMs = clock.now() - beganMs
    expect(tookMs).toBeGreaterThan(GRACE_MS / 4)
    expect(tookMs).toBeLessThan(GRACE_MS)
    expect(a.opened).toBeLessThan(12)
    await until('it is at the other', () => client.connected)
    expect(history.at(-1)).toBe('new')
  })
})

test('if all servers are busy, they are tried in turn, and the first that is not has the client', async () => {
  const { a, b, client, clock } = await roam()
  b.refusal = busy('SERVER_BUSY', 2000)
  await refuseAt(a, busy('SERVER_BUSY', 10_000))
  await clock.advance(600_000)
  const tries = a.opened + b.opened
  expect(Math.min(a.opened, b.opened)).toBeGreaterThan(5)
  expect(tries).toBeLessThan(100)
  b.refusal = null
  await clock.advanceUntil(() => b.live === 1)
  await until('it is at the other', () => client.connected)
})

describe('during the wait', () => {
  test('reconnect() asks the same server at once, and the wait begins again', async () => {
    const { a, b, client, clock, ends, history } = await roam()
    await refuseAt(a, busy('SERVER_BUSY', 20_000))
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    client.reconnect()
    await turns()
    expect([a.opened, history.at(-1)]).toEqual([3, 'SERVER_BUSY'])
    a.refusal = null
    // The second in a row has to wait a little.
    client.reconnect()
    await clock.advance(1000)
    await until('it is back', () => client.connected)
    expect([a.opened, b.opened, history.at(-1)]).toEqual([4, 0, 'resumed'])
    await echo(...ends)
  })

  test.each([
    ['is not asked before the time that it named', 20_000, 0],
    ['is asked at once if it named none', undefined, 1]
  ])('when the network is back, the server %s', async (_, retryAfterMs, tries) => {
    const scope = new EventTarget()
    for (const name of ['addEventListener', 'removeEventListener'] as const)
      vi.stubGlobal(name, scope[name].bind(scope))
    onTestFinished(() => void vi.unstubAllGlobals())
    const { a, b, clock } = await roam()
    await refuseAt(a, busy('SERVER_BUSY', retryAfterMs))
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    scope.dispatchEvent(new Event('online'))
    await turns()
    expect([a.opened, b.opened]).toEqual([2 + tries, 0])
  })

  test('destroy leaves no timer and makes no try', async () => {
    const { a, b, client, clock } = await roam()
    await refuseAt(a, busy('SERVER_BUSY', 20_000))
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    await client.destroy()
    await turns()
    expect(clock.liveTimers).toBe(0)
    await clock.advance(GRACE_MS)
    expect([a.opened, b.opened]).toEqual([2, 0])
  })

  test('a duplex of the application that fails leads back to it', async () => {
    const { a, b, client, clock, ends, history } = await roam()
    await refuseAt(a, busy('SERVER_BUSY', 5000))
    await clock.advanceUntil(() => a.opened === 2)
    await turns()
    const [broken] = wire()
    broken.destroy()
    client.reconnect(broken as unknown as DuplexLike)
    await until('it has failed', () => history.at(-1) === 'LINK_CLOSED')
    a.refusal = null
    await clock.advance(7000)
    await until('it is back', () => client.connected)
    expect([b.opened, history.at(-1)]).toEqual([0, 'resumed'])
    await echo(...ends)
  })
})

async function serve(maxConnections: number) {
  const server = new ProxyServer({
    dht: null,
    drainMs: 100,
    graceMs: GRACE_MS,
    limits: { handshakeTimeoutMs: 600_000 }
  })
  const listener = await listen(server, { host: '127.0.0.1', port: 0, maxConnections })
  onTestFinished(() => server.destroy().then(() => listener.close()))
  const { port } = listener.address as { port: number }
  const url = `ws://127.0.0.1:${port}`
  return { listener, server, url, connect: websocket(url)[0] as Connect }
}

test('two real servers: the place of a client is taken while it is away, and its session waits until there is one', async () => {
  const [first, second] = [await serve(2), await serve(10)]
  const gate = new Gate()
  const { client, clock, history } = createClient([gate.through(first.connect), second.connect])
  const peer = new ProxyClient({ connect: first.connect })
  onTestFinished(() => peer.destroy())
  const topic = freshTopic()
  for (const swarm of [client, peer]) swarm.join(topic)
  const ends = await connectionBetween(client, peer)
  gate.cut()
  await until('its place is free', () => first.listener.connections === 1)
  const stranger = new WebSocket(first.url)
  await new Promise((resolve) => stranger.once('open', resolve))
  await clock.advanceUntil(() => gate.opened === 2)
  await until('it was refused', () => history.at(-1) === 'SERVER_BUSY')
  expect(history).toEqual(['new', 'LINK_CLOSED', 'SERVER_BUSY'])
  stranger.terminate()
  await until('the place is free again', () => first.listener.connections === 1)
  // Retry-After is 5 s, and the client waits up to a quarter longer.
  await clock.advance(6250)
  await until('it is back', () => client.connected)
  expect([history.at(-1), second.server.clients.size]).toEqual(['resumed', 0])
  await echo(...ends)
})
