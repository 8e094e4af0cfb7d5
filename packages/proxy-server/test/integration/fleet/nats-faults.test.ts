/** A broker over NATS that is there and does not do its work. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../../src/index.js'
import { type NatsFleetOptions, nats } from '../../../src/nats/index.js'
import { temporaryFolder, written } from '../../support/broker-credentials.js'
import { untilMet } from '../../support/fleet.js'
import { freeTcpPort, NatsServer, natsObstacle } from '../../support/nats-server.js'
import { makeServer } from '../../support/servers.js'
import { hex, keysOf, TestClient, topicOf } from '../../support/test-client.js'

const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: a broker that does not do its work (${obstacle})`)

function serverAt(servers: string | string[], name: string, options: Partial<NatsFleetOptions> = {}): ProxyServer {
  return makeServer({ dht: null, fleet: nats({ servers, name, linkHost: '127.0.0.1', leaseMs: 1000, ...options }) })
}

const isOnline = ({ stats }: ProxyServer) => stats.fleet?.brokerOnline === 1

/** Takes connections, and says nothing. */
async function silentBroker(): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

describe.skipIf(obstacle !== null)('a broker', () => {
  // The client library waited for 20 s, and left the socket of each try open: they ran out.
  test('that takes connections and never answers is left for the next', async () => {
    const broker = await NatsServer.start()
    const silent = await silentBroker()
    const options = { connection: { noRandomize: true } }
    const servers = ['a', 'b'].map((name) => serverAt([silent.url, broker.url], name, options))
    await untilMet(servers)
    expect(silent.sockets.size).toBeGreaterThan(0)
    await until('no socket is left there', () => [...silent.sockets].every(({ destroyed }) => destroyed))
  })

  // It was tried again and again, which kept the process alive.
  test('that never answers keeps no server from stopping', async () => {
    const silent = await silentBroker()
    const server = serverAt(silent.url, 'a')
    await until('it has connected', () => silent.sockets.size > 0)
    await server.destroy()
    await until('nothing is left of it', () => [...silent.sockets].every(({ destroyed }) => destroyed))
  })

  // It counted as online, in a fleet of one server, and nobody was told.
  test.each(['publish', 'subscribe'])('that does not let the server %s is reported', async (what) => {
    const user = `{ user: fleet, password: p, permissions: { ${what}: { deny: "swarmway.>" } } }`
    const config = written(temporaryFolder(), 'nats.conf', `authorization { users: [${user}] }`)
    const broker = await NatsServer.start('-c', config)
    const server = serverAt(broker.url.replace('//', '//fleet:p@'), 'a')
    const [error] = await once(server, 'fleet-error')
    expect(error.message).toMatch(/swarmway\.servers/)
    await until('it does not count as online', () => !isOnline(server))
  })

  // A wrong address or password was seen in the metrics only.
  test.each([
    ['that is not there', async () => `nats://127.0.0.1:${await freeTcpPort()}`, /no NATS server answers/],
    [
      'that does not know the password',
      async ({ url }: NatsServer) => url.replace('//', '//fleet:wrong@'),
      /authorization/i
    ]
  ])('%s is reported', async (_, urlOf, message) => {
    const broker = await NatsServer.start('--user', 'fleet', '--pass', 'right')
    const server = serverAt(await urlOf(broker), 'a')
    const errors: Error[] = []
    server.on('fleet-error', (error, what) => {
      expect(what).toBe('broker')
      errors.push(error)
    })
    await until('it is reported', () => errors.length > 0)
    expect(errors.map((error) => error.message)).toEqual([expect.stringMatching(message)])
    expect(isOnline(server)).toBe(false)
  })

  test('that is restarted again and again leaves nothing undone', async () => {
    const broker = await NatsServer.start()
    const servers = ['a', 'b'].map((name) => serverAt(broker.url, name))
    await untilMet(servers)
    const [a, b] = servers as [ProxyServer, ProxyServer]
    const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
    alice.watch(topicOf(1))
    for (let i = 0; i < 3; i++) {
      await broker.kill()
      await broker.start()
    }
    await bob.listen()
    await bob.announce(topicOf(1))
    await until('alice hears of bob', () => keysOf(alice.pushed).includes(hex(bob.keyPair.publicKey)))
    await until('both are online', () => servers.every(isOnline))
  })

  test.each(['dead', 'back'])(
    'that is %s when a server stops: that one is forgotten, and others come',
    async (state) => {
      const broker = await NatsServer.start()
      const [a, b] = ['a', 'b'].map((name) => serverAt(broker.url, name)) as [ProxyServer, ProxyServer]
      await untilMet([a, b])
      const [alice, bob] = [await TestClient.connect(a), await TestClient.connect(b)]
      await bob.listen()
      await bob.announce(topicOf(1))
      alice.watch(topicOf(1))
      await until('alice hears of bob', () => keysOf(alice.pushed).includes(hex(bob.keyPair.publicKey)))
      // What the server says last may be lost: then its lease has to end.
      const stopped = b.destroy()
      await broker.kill()
      if (state === 'back') await broker.start()
      await stopped
      if (state === 'dead') await broker.start()
      await until('b is forgotten', () => a.stats.fleet?.servers.length === 0)
      expect(await alice.lookup(topicOf(1))).toEqual([])
      const c = serverAt(broker.url, 'c')
      await untilMet([a, c])
    }
  )
})
