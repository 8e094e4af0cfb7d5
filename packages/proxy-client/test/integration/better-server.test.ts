/** A client that had to leave the server it prefers returns to it, once nothing can be lost. */
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type Connect, ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { historyOf } from '../support/history.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { echo } from '../support/transfer.js'
import { wire } from '../support/wire.js'

const MINUTE = 60_000
const WHOLE = () => 1

async function twoServers() {
  const rig = await createRig({ testnet: null, server: { graceMs: 1000 } })
  const [first, second] = [await rig.createServer({ graceMs: 1000 }), await rig.createServer({ graceMs: 1000 })]
  const [a, b] = [new LinkControl(), new LinkControl()]
  const connect = [a.through(first.door.connect), b.through(second.door.connect)]
  return { rig, first, second, a, b, connect }
}

/** A client at the second server, because the first is down. */
async function displaced(options: Partial<ProxyClientOptions> = {}) {
  const servers = await twoServers()
  const { a, connect, second } = servers
  const clock = new FakeClock()
  a.isDown = true
  const client = new ProxyClient({ connect, clock, random: WHOLE, serverOrder: 'listed', ...options })
  onTestFinished(() => client.destroy())
  const history = historyOf(client)
  await clock.advance(1000)
  await until('it is at the second server', () => client.connected && second.server.clients.size === 1)
  return { ...servers, client, clock, history }
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await turns(4)
    await clock.advance(Math.min(left, 1000))
  }
  await turns()
}

describe('a client returns to the server it prefers', () => {
  test('while it has no connections, with its topics, and without being disconnected', async () => {
    const { a, client, clock, first, history, second } = await displaced()
    await client.join(freshTopic()).flushed()
    await pass(clock, 2 * MINUTE)
    expect(history, 'the first is still down').toEqual(['LINK_CLOSED', 'new'])
    a.isDown = false
    await pass(clock, 4 * MINUTE)
    expect(history).toEqual(['LINK_CLOSED', 'new', 'new'])
    await until('the first has it', () => [...first.server.clients].some(({ stats }) => stats.topics === 1))
    expect([first.server.clients.size, second.server.clients.size]).toEqual([1, 0])
    await pass(clock, 20 * MINUTE)
    expect(history, 'and stays').toHaveLength(3)
  })

  test('not while it has one', async () => {
    const { a, client, clock, first, history, rig, second } = await displaced()
    a.isDown = false
    const topic = freshTopic()
    const peer = rig.createSwarm({ door: second.door })
    for (const swarm of [client, peer]) swarm.join(topic)
    const ends = await connectionBetween(client, peer)
    await pass(clock, 10 * MINUTE)
    expect([history, first.server.clients.size]).toEqual([['LINK_CLOSED', 'new'], 0])
    await echo(...ends)
    await peer.destroy()
    await until('it has none', () => client.connections.size === 0)
    await pass(clock, 10 * MINUTE)
    expect([history.length, first.server.clients.size, second.server.clients.size]).toEqual([3, 1, 0])
  })

  test('and keeps its session if that server refuses it', async () => {
    const { a, client, clock, first, history, second } = await displaced()
    await first.server.destroy()
    a.isDown = false
    await pass(clock, 5 * MINUTE)
    expect(a.opened).toBeGreaterThan(1)
    expect([history, client.connected, second.server.clients.size]).toEqual([['LINK_CLOSED', 'new'], true, 1])
  })
})

// It moved back each minute, for as long as the server came and went.
test('a server that comes and goes is returned to more and more rarely', async () => {
  const { a, client, clock, first, history, second } = await displaced()
  const moves: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    a.isDown = false
    await pass(clock, MINUTE)
    if (first.server.clients.size === 0) continue
    moves.push(minute)
    a.isDown = true
    a.cut()
    while (!client.connected || second.server.clients.size === 0) await pass(clock, 1000)
  }
  expect(moves.length).toBeGreaterThan(3)
  expect(moves.length).toBeLessThan(12)
  expect(history.filter((entry) => entry === 'new')).toHaveLength(2 * moves.length + 1)
})

test('a client that is destroyed while it moves leaves no link and no timer', async () => {
  const { connect, second } = await twoServers()
  const clock = new FakeClock()
  const opened: DuplexLike[] = []
  let isDown = true
  const [, b] = connect as [Connect, Connect]
  const stuck: Connect = () => {
    if (isDown) throw new Error('it is down')
    const [near, far] = wire()
    far.resume()
    opened.push(near as unknown as DuplexLike)
    return near as unknown as DuplexLike
  }
  const client = new ProxyClient({ connect: [stuck, b], clock, random: WHOLE, serverOrder: 'listed' })
  await clock.advance(1000)
  await until('it is at the second server', () => client.connected && second.server.clients.size === 1)
  isDown = false
  await pass(clock, MINUTE)
  expect([opened.length, client.connected]).toEqual([1, true])
  await client.destroy()
  await until('the link is closed', () => opened[0]?.destroyed === true)
  await clock.advance(2000)
  expect(clock.liveTimers).toBe(0)
})

describe("serverOrder 'nearest'", () => {
  /** A server that is far away: what it sends comes late. */
  function far(connect: Connect, clock: FakeClock, delayMs: number): Connect {
    return async () => {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, delayMs))
      return connect()
    }
  }

  test('begins at the server that answers a ping first, whatever the list says', async () => {
    const { connect, first, second } = await twoServers()
    const { connect: slow, release } = createSlow(connect[0] as Connect)
    onTestFinished(release)
    const client = new ProxyClient({ connect: [slow, connect[1] as Connect], serverOrder: 'nearest' })
    onTestFinished(() => client.destroy())
    await until('it is connected', () => client.connected)
    expect([first.server.clients.size, second.server.clients.size]).toEqual([0, 1])
  })

  test('begins somewhere if no server answers in time', async () => {
    const clock = new FakeClock()
    let tries = 0
    const never: Connect = () => {
      tries++
      return new Promise(() => {})
    }
    const client = new ProxyClient({ connect: [never, never], serverOrder: 'nearest', clock })
    onTestFinished(() => client.destroy())
    expect(tries).toBe(2)
    await clock.advance(2000)
    expect(tries).toBe(3)
  })

  test('leaves no timer if it is destroyed while it measures', async () => {
    const { connect } = await twoServers()
    const clock = new FakeClock()
    const away = connect.map((open) => far(open, clock, 500))
    const client = new ProxyClient({ connect: away, serverOrder: 'nearest', clock })
    await client.destroy()
    await clock.advance(3000)
    expect(clock.liveTimers).toBe(0)
  })
})

test.each(['', 'random', null])('serverOrder %s is refused', (order) => {
  const serverOrder = order as unknown as 'listed'
  expect(() => new ProxyClient({ connect: () => Promise.reject(), serverOrder })).toThrow(/serverOrder/)
})

/** Keeps what a server sends until `release` is called. */
function createSlow(connect: Connect): { connect: Connect; release(): void } {
  let release = (): void => {}
  const isReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  const open: Connect = async () => {
    const duplex = await connect()
    const on = duplex.on.bind(duplex)
    duplex.on = (event, listener) =>
      on(event, event === 'data' ? (...args: unknown[]) => void isReleased.then(() => listener(...args)) : listener)
    return duplex
  }
  return { connect: open, release }
}
