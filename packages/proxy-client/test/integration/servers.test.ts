/** Which servers a client tries, when, and how it handles endpoints that are not proxy servers. */
import type { DuplexLike } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AuthResult, ClientHello } from '../../../proxy-server/src/index.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type Connect, ProxyClient } from '../../src/index.js'
import { historyOf } from '../support/history.js'
import { createLiar } from '../support/liar.js'
import { connectionBetween, createRig, shownBy } from '../support/rig.js'
import { closingServer, echoServer, httpServer, nobody, type Stranger, silentServer } from '../support/strangers.js'
import { LinkControl } from '../support/tap.js'
import { closed, echo } from '../support/transfer.js'
import { wire } from '../support/wire.js'

const QUICK = { reconnectMinMs: 10, reconnectMaxMs: 100 }
/** Puts the jitter at its end, so that a wait is what the options say. */
const WHOLE = () => 1

/** Counts connection attempts, which fail until the test says otherwise. */
function deadServer(): { connect: Connect; tries: number; revive: Connect | null } {
  const server = {
    tries: 0,
    revive: null as Connect | null,
    connect: () => {
      server.tries++
      if (server.revive !== null) return server.revive()
      throw new Error('nobody is there')
    }
  }
  return server
}

describe('several servers', () => {
  test('are tried in turn: if two of three are dead, the third is reached within two backoff steps', async () => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer()
    const clock = new FakeClock()
    const dead = [deadServer(), deadServer()]
    const connect = [...dead.map((server) => server.connect), door.connect]
    const client = rig.createSwarm({ connect, clock, random: WHOLE, reconnectMinMs: 250, serverOrder: 'listed' })
    const history = historyOf(client)
    await turns()
    // Two steps: the first attempt at each dead server comes before them.
    await clock.advance(2 * 250)
    await until('it is connected', () => client.connected)
    expect(history).toEqual(['LINK_CLOSED', 'LINK_CLOSED', 'new'])
    expect(dead.map(({ tries }) => tries)).toEqual([1, 1])
  })

  test('that have failed are tried again later', async () => {
    const rig = await createRig({ testnet: null })
    const [first, second] = [await rig.createServer(), await rig.createServer()]
    const [was, control] = [deadServer(), new LinkControl()]
    const client = rig.createSwarm({
      connect: [was.connect, control.through(second.door.connect)],
      serverOrder: 'listed',
      ...QUICK
    })
    await until('the client is connected to the second', () => client.connected)
    expect([was.tries, second.server.clients.size]).toEqual([1, 1])
    was.revive = first.door.connect
    control.isDown = true
    control.cut()
    await until('the client is connected to the first', () => client.connected && first.server.clients.size === 1)
    expect(was.tries).toBe(2)
  })

  test('are retried after growing waits, up to the maximum', async () => {
    const clock = new FakeClock()
    const dead = deadServer()
    const client = new ProxyClient({ connect: dead.connect, clock, random: WHOLE, reconnectMaxMs: 2000 })
    onTestFinished(() => client.destroy())
    const waits: (number | null)[] = []
    client.on('disconnected', ({ retryMs }) => waits.push(retryMs))
    await turns()
    await clock.advance(10_000)
    expect(waits).toEqual([500, 1000, 2000, 2000, 2000, 2000, 2000])
  })
})

describe('destroy', () => {
  test('during the backoff, while connecting, or while greeting leaves no timer', async () => {
    const [silent, far] = wire()
    far.resume().on('end', () => far.end(undefined))
    const connects: Connect[] = [
      deadServer().connect,
      () => new Promise(() => {}),
      () => silent as unknown as DuplexLike
    ]
    for (const connect of connects) {
      const clock = new FakeClock()
      const client = new ProxyClient({ connect, clock })
      await turns()
      client.join(freshTopic())
      expect(clock.liveTimers).toBeGreaterThan(0)
      await client.destroy()
      await turns()
      expect(clock.liveTimers).toBe(0)
    }
  })
})

describe('suspend', () => {
  test('closes the link and opens no other; resume joins the topics again and finds the peers', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const [client, other] = [rig.createSwarm({ control }), rig.createSwarm()]
    const history = historyOf(client)
    const topic = freshTopic()
    for (const swarm of [client, other]) swarm.join(topic)
    const [near] = await connectionBetween(client, other)
    await client.suspend()
    await closed(near)
    await until('the server has ended the session', () => rig.server.clients.size === 1)
    expect([client.connected, control.live, control.opened]).toEqual([false, 0, 1])
    await client.resume()
    await echo(...(await connectionBetween(client, other)))
    expect([history, control.opened]).toEqual([['new', 'new'], 2])
  })
})

/**
 * `resume` waited for a link, and everything after it waited for `resume`: an app that came to the foreground without a network
 * could not be suspended again, and its end took five seconds.
 */
describe('without a link', () => {
  async function resumed() {
    const client = new ProxyClient({ connect: () => Promise.reject(new Error('no network')), clock: new FakeClock() })
    onTestFinished(() => client.destroy())
    client.join(freshTopic())
    await client.suspend()
    await client.resume()
    expect(client.suspended).toBe(false)
    return client
  }

  test('resume and a further suspend end at once', async () => {
    const client = await resumed()
    await client.suspend()
    expect(client.suspended).toBe(true)
  })

  test('so does destroy, and nothing is left that could be rejected', async () => {
    const client = await resumed()
    await client.destroy()
    expect(client.destroyed).toBe(true)
  })

  test('the key is listened on with the next link', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const [client, other] = [rig.createSwarm({ control }), rig.createSwarm()]
    client.join(freshTopic())
    await client.suspend()
    control.isDown = true
    await client.resume()
    control.isDown = false
    other.joinPeer(client.keyPair.publicKey)
    await connectionBetween(client, other)
  })
})

describe('a client with one duplex', () => {
  test('continues over another duplex that is given to it on "disconnected"', async () => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer()
    const open = async () => (await door.connect()) as DuplexLike
    const [first, other] = [await open(), rig.createSwarm({ door })]
    const client = rig.createSwarm({ connection: first })
    const history = historyOf(client)
    client.on('disconnected', async ({ retryMs }) => {
      expect(retryMs).toBeNull()
      client.reconnect(await open())
    })
    const shown = shownBy(client)
    const topic = freshTopic()
    for (const swarm of [client, other]) swarm.join(topic)
    const ends = await connectionBetween(client, other)
    first.destroy()
    await until('it is back', () => history.length === 3 && client.connected)
    await echo(...ends)
    expect([history, shown.length]).toEqual([['new', 'LINK_CLOSED!', 'resumed'], 1])
  })

  test('fails requests while it has no duplex, and works again when it gets one', async () => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer()
    const [broken] = wire()
    broken.destroy()
    const client = rig.createSwarm({ connection: broken as unknown as DuplexLike })
    const history = historyOf(client)
    await until('it noticed', () => history.length === 1)
    expect(history).toEqual(['LINK_CLOSED!'])
    await expect(client.connect(freshTopic())).rejects.toMatchObject({ code: 'LINK_CLOSED' })
    client.reconnect((await door.connect()) as DuplexLike)
    await until('it is connected', () => client.connected)
    await expect(client.connect(freshTopic())).rejects.toMatchObject({ code: 'PEER_NOT_FOUND' })
  })
})

const MIDDLE = () => 0.5

describe('a server that denies access', () => {
  const onlySecret = ({ auth }: ClientHello): AuthResult => {
    if (b4a.toString(auth) === 'secret') return true
    throw new Error('wrong password')
  }

  test('is tried again slowly; requests fail with the reason meanwhile', async () => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer({ authenticate: onlySecret })
    const control = new LinkControl()
    const client = rig.createSwarm({ door, control, auth: 'guess', reconnectMaxMs: 30_000, random: MIDDLE })
    const denied = new Promise((resolve) => client.once('disconnected', resolve))
    expect(await denied).toMatchObject({
      error: { code: 'AUTH_DENIED', message: 'wrong password' },
      retryMs: expect.closeTo(26_250, -2)
    })
    await expect(client.connect(freshTopic())).rejects.toMatchObject({ code: 'AUTH_DENIED' })
    await expect(client.listen()).rejects.toMatchObject({ code: 'AUTH_DENIED' })
    expect(control.opened).toBe(1)
    client.reconnect()
    await until('it was tried once more, as requested', () => control.opened === 2)
    await until('it was denied again', () => control.live === 0)
    expect(control.opened).toBe(2)
    const welcome = rig.createSwarm({ door, auth: b4a.from('secret') })
    await until('the right password is accepted', () => welcome.connected)
  })

  test('for good is not tried again until the application says so', async () => {
    const rig = await createRig({ testnet: null })
    let isOpen = false
    const { door } = await rig.createServer({
      authenticate: () => isOpen || { denied: true, message: 'banned', retryable: false }
    })
    const client = rig.createSwarm({ door })
    const denied = new Promise((resolve) => client.once('disconnected', resolve))
    expect(await denied).toMatchObject({ error: { code: 'AUTH_DENIED', message: 'banned' }, retryMs: null })
    isOpen = true
    client.reconnect()
    await until('it is admitted', () => client.connected)
  })

  test('because it is full is tried again later', async () => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer({ limits: { maxClients: 1 } })
    const first = rig.createSwarm({ door })
    await until('the first client is connected', () => first.connected)
    const second = rig.createSwarm({ door })
    const history = historyOf(second)
    await until('the second client was denied', () => history.length > 1)
    expect(history[0]).toBe('LIMIT')
    await first.destroy()
    await until('the second client is connected', () => second.connected)
  })
})

describe('an endpoint that is not a proxy server', () => {
  test.each<[string, () => Promise<Stranger>, string]>([
    ['an HTTP server', httpServer, 'NOT_A_PROXY'],
    ['an echo server', echoServer, 'NOT_A_PROXY'],
    ['a server that closes at once', closingServer, 'LINK_CLOSED'],
    ['a server that never answers', silentServer, 'LINK_TIMEOUT'],
    ['a port at which nobody listens', nobody, 'LINK_CLOSED']
  ])('%s is reported with a code, and not flooded with attempts', async (_name, create, code) => {
    const stranger = await create()
    const { connect } = stranger
    // Only for the one that is silent: the others may take their time to answer.
    const connectTimeoutMs = code === 'LINK_TIMEOUT' ? 200 : 60_000
    const client = new ProxyClient({ connect, reconnectMinMs: 100, connectTimeoutMs, random: WHOLE })
    onTestFinished(() => client.destroy())
    const failures: { code: string; retryMs: number | null }[] = []
    client.on('disconnected', ({ error, retryMs }) => failures.push({ code: error.code, retryMs }))
    await until('failures', () => failures.length === 3)
    expect(failures.map(({ retryMs }) => retryMs)).toEqual([200, 400, 800])
    expect(new Set(failures.map((failed) => failed.code))).toEqual(new Set([code]))
    expect(stranger.tries).toBe(failures.length)
    expect(client.connected).toBe(false)
  })

  test('a server that greets and then breaks the protocol is not flooded with attempts', async () => {
    // A greeting counted as success, so a server that greeted and then failed was retried at the shortest interval
    // for ever, four times a second.
    const clock = new FakeClock()
    const liar = await createLiar({ clock, random: WHOLE, reconnectMinMs: 250, reconnectMaxMs: 30_000 })
    for (let second = 0; second < 60; second++) {
      if (liar.swarm.connected) liar.tell(60, b4a.from('nonsense'))
      await turns()
      await clock.advance(1000)
    }
    expect(liar.sessions.length).toBeLessThan(12)
    expect(new Set(liar.disconnects)).toEqual(new Set(['PROTOCOL_ERROR']))
  })
})
