/** What a client notices of a fleet: it meets clients of other servers, learns of those servers, and is handed over. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { brokerPresence, MemoryBroker, type ProxyServer } from '../../../proxy-server/src/index.js'
import { liarOver } from '../../../proxy-server/test/support/lying-server.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { type Connect, type DuplexLike, ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { historyOf } from '../support/history.js'
import { createRig } from '../support/rig.js'
import { echo } from '../support/transfer.js'

const QUICK = { backoffs: [50, 100, 200, 1000] as number[], jitter: 10, reconnectMinMs: 10, reconnectMaxMs: 100 }

/** So many servers of one fleet, which know each other, and how to reach them by URL. `clocks` are those of servers, by name. */
async function fleet(names: readonly string[], drainMs = 1000, clocks: Readonly<Record<string, FakeClock>> = {}) {
  const broker = new MemoryBroker()
  const rig = await createRig({ testnet: null })
  const doors = new Map<string, Connect>()
  const down = new Set<string>()
  const dark = new Set<string>()
  const links: { url: string; duplex: DuplexLike }[] = []
  const cut = (url: string) => {
    for (const link of links) if (link.url === url) link.duplex.destroy()
  }
  const servers: ProxyServer[] = []
  for (const name of names) {
    const url = `ws://${name}/`
    const own = { name, url, linkHost: '127.0.0.1', presence: brokerPresence(broker.client()) }
    const { server, door } = await rig.createServer({
      fleet: own,
      drainMs,
      ...(clocks[name] && { clock: clocks[name] })
    })
    const open: Connect = async (signal) => {
      if (down.has(url)) throw new Error('nobody is there')
      if (dark.has(url)) return new Promise<never>((_, reject) => signal?.addEventListener('abort', reject))
      const duplex = await door.connect(signal)
      links.push({ url, duplex })
      return duplex
    }
    doors.set(url, Object.assign(open, { url }))
    servers.push(server)
  }
  await until('all know each other', () =>
    servers.every(({ stats }) => stats.fleet?.servers.filter(({ url }) => url !== '').length === names.length - 1)
  )
  const connectTo = (url: string): Connect => {
    const found = doors.get(url)
    if (found === undefined) throw new Error(`no server at ${url}`)
    return found
  }
  const client = (name: string, options: Partial<ProxyClientOptions> = {}) => {
    const made = new ProxyClient({ ...QUICK, connect: connectTo(`ws://${name}/`), fleet: connectTo, ...options })
    onTestFinished(() => made.destroy())
    return made
  }
  return { broker, servers, client, connectTo, cut, dark, down }
}

const counts = (servers: readonly { clients: ReadonlySet<unknown> }[]) => servers.map(({ clients }) => clients.size)
/** Clients that are not at the first server. */
const moved = (servers: readonly ProxyServer[]) => counts(servers.slice(1)).reduce((sum, count) => sum + count, 0)

describe('swarms at two servers', () => {
  test('meet on a topic, and carry data', async () => {
    const { client } = await fleet(['a', 'b'])
    const topic = freshTopic()
    const [a, b] = [client('a'), client('b')]
    await a.join(topic).flushed()
    b.join(topic)
    await until('they are connected', () => a.connections.size === 1 && b.connections.size === 1)
    const [from, to] = [[...a.connections][0], [...b.connections][0]]
    if (from === undefined || to === undefined) throw new Error('both are there')
    await echo(from, to)
  })

  test('twelve at three servers all meet', async () => {
    const { client } = await fleet(['a', 'b', 'c'])
    const topic = freshTopic()
    const all = Array.from({ length: 12 }, (_, i) => client(['a', 'b', 'c'][i % 3] as string))
    for (const one of all) one.join(topic)
    await until('each has all others', () => all.every(({ connections }) => connections.size === 11))
  })
})

describe('a server that stops', () => {
  test('hands its clients over to the others, evenly, and none is without a server', async () => {
    const [clock, waveMs] = [new FakeClock(), 400]
    const { client, servers } = await fleet(['a', 'b', 'c'], 25 * waveMs, { a: clock })
    const clients = Array.from({ length: 30 }, () => client('a'))
    const histories = clients.map(historyOf)
    await Promise.all(clients.map((one) => one.join(freshTopic()).flushed()))
    expect(counts(servers)).toEqual([30, 0, 0])
    const stopped = servers[0]?.destroy()
    // The next wave leaves when this one has arrived, however long that takes.
    for (let wave = 1; wave <= 10; wave++) {
      await until('the wave has arrived', () => moved(servers) >= 3 * wave)
      await clock.advance(waveMs)
    }
    await stopped
    const [, b = 0, c = 0] = counts(servers)
    expect(b + c).toBe(30)
    expect(Math.abs(b - c)).toBeLessThanOrEqual(2)
    expect(histories.flat().filter((event) => event !== 'new')).toEqual([])
  })

  test('clients that are connected to each other are so again afterwards', async () => {
    const { client, servers } = await fleet(['a', 'b'], 10_000)
    const topic = freshTopic()
    const [one, two] = [client('a'), client('a')]
    for (const swarm of [one, two]) swarm.join(topic)
    await until('they are connected', () => one.connections.size === 1 && two.connections.size === 1)
    await servers[0]?.destroy()
    await until('they are at the other', () => counts(servers)[1] === 2)
    await until('they are connected again', () => one.connections.size === 1 && two.connections.size === 1)
  })

  // All clients are sent to the server that says it has the most room, and each tries it once.
  test('loses no client to a server that lies about its room and answers nobody', async () => {
    const { broker, client, connectTo, servers } = await fleet(['a', 'b'], 2000)
    const url = 'ws://liar/'
    let tries = 0
    const refuse: Connect = async () => {
      tries++
      throw new Error('nobody is there')
    }
    let told = 0
    const follow = (to: string) => {
      if (to !== url) return connectTo(to)
      told++
      return Object.assign(refuse, { url })
    }
    const clients = Array.from({ length: 10 }, () => client('a', { fleet: follow }))
    await Promise.all(clients.map((one) => one.join(freshTopic()).flushed()))
    liarOver(brokerPresence(broker.client()), '', undefined, { url, maxClients: 0xffffffff })
    await until('all clients know it', () => told === clients.length)
    await servers[0]?.destroy()
    await until('all are at the honest one', () => counts(servers)[1] === 10)
    expect(tries).toBeGreaterThan(0)
  })

  test('a client that does not follow its server stays with its own list', async () => {
    const { client, servers } = await fleet(['a', 'b'], 200)
    const loyal = client('a', { fleet: undefined })
    const history = historyOf(loyal)
    await loyal.join(freshTopic()).flushed()
    await servers[0]?.destroy()
    await until('it is told', () => history.includes('SERVER_CLOSING'))
    expect([loyal.connected, counts(servers)[1]]).toEqual([false, 0])
  })
})

// Each move was at once, and began a session at a server that sent the client back.
test('two servers that send a client to each other do not keep it moving', async () => {
  const { client, servers } = await fleet(['a', 'b'])
  let sent = 0
  for (const [i, server] of servers.entries())
    server.on('client', (session) => {
      sent++
      session.handOver(i === 0 ? 'ws://b/' : 'ws://a/', 0)
    })
  const one = client('a', { reconnectMinMs: 60_000, reconnectMaxMs: 60_000 })
  await until('it has followed once', () => sent === 2)
  for (let i = 0; i < 5; i++) await one.join(freshTopic()).flushed()
  expect([sent, counts(servers)]).toEqual([2, [0, 1]])
})

describe('a server that dies', () => {
  test('its clients are back at the others, spread', async () => {
    const { client, down, servers } = await fleet(['a', 'b', 'c'])
    const clients = Array.from({ length: 40 }, () => client('a'))
    await Promise.all(clients.map((one) => one.join(freshTopic()).flushed()))
    down.add('ws://a/')
    for (const session of servers[0]?.clients ?? []) session.destroy()
    const elsewhere = () => counts(servers).slice(1)
    await until('all are back', () => elsewhere().reduce((sum, count) => sum + count, 0) === 40)
    const [b = 0, c = 0] = elsewhere()
    // 40 coins: fewer than 8 of one side come once in 100,000 times.
    expect(Math.min(b, c)).toBeGreaterThanOrEqual(8)
  })

  test.each([
    ['refuses connections', 'down'],
    ['answers nothing, not even with a refusal', 'dark']
  ] as const)('and %s: its clients are back within 10 s by the clock, with default settings', async (_, how) => {
    const { client, connectTo, cut, servers, ...gone } = await fleet(['a', 'b', 'c'])
    const clock = new FakeClock()
    const connect = ['a', 'b', 'c'].map((name) => connectTo(`ws://${name}/`))
    const timing = { reconnectMinMs: undefined, reconnectMaxMs: undefined, serverOrder: 'listed' } as const
    const clients = Array.from({ length: 10 }, () => client('a', { clock, connect, fleet: undefined, ...timing }))
    await until('all are there', () => clients.every(({ connected }) => connected))
    expect(counts(servers)).toEqual([10, 0, 0])
    gone[how].add('ws://a/')
    cut('ws://a/')
    const areBack = () => (counts(servers)[1] ?? 0) + (counts(servers)[2] ?? 0) === 10
    const beganMs = clock.now()
    while (!areBack() && clock.now() - beganMs < 10_000) {
      await clock.advance(50)
      await turns(20)
    }
    expect(areBack()).toBe(true)
  })
})
