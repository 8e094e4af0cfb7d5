/**
 * Applications that answer each `disconnected` with another attempt. With a closed port they tried thousands of times a
 * second, and with a destroyed server in the same process the event loop never turned again.
 */
import { connect as connectNet } from 'node:net'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { ProxyServer } from '../../../proxy-server/src/index.js'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { DiscoverySwarmStreamClient } from '../../src/compat/discovery-swarm-stream.js'
import { HyperswarmProxyClient } from '../../src/compat/hyperswarm-proxy.js'
import { ProxyClient } from '../../src/index.js'
import { closingServer, nobody } from '../support/strangers.js'
import { wire } from '../support/wire.js'

type Create = (connection: DuplexLike, clock: FakeClock) => Pick<ProxyClient, 'on' | 'reconnect' | 'destroy'>
const CLIENTS: Record<string, Create> = {
  ProxyClient: (connection, clock) => new ProxyClient({ connection, clock, random: WHOLE }),
  HyperswarmProxyClient: (connection, clock) => new HyperswarmProxyClient({ connection, clock, random: WHOLE }),
  DiscoverySwarmStreamClient: (connection, clock) =>
    new DiscoverySwarmStreamClient({ connection, clock, random: WHOLE })
}
const WHOLE = () => 1

function keep<C extends { destroy(): Promise<unknown> }>(client: C): C {
  onTestFinished(async () => {
    await client.destroy()
  })
  return client
}

/** Lets `seconds` pass, with what is in memory or on sockets happening in between. */
async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10; i++) {
    await turns(5)
    await clock.advance(100)
  }
}

/** A destroyed server in this process, a server that greets and closes at once, a port at which nobody listens. */
const ENDPOINTS: Record<string, (clock: FakeClock) => Promise<() => DuplexLike>> = {
  'a destroyed server': async (clock) => {
    const server = new ProxyServer({ dht: null, clock })
    await server.destroy()
    return () => joined(server)
  },
  'a server that accepts and closes at once': async (clock) => {
    const server = new ProxyServer({ dht: null, clock })
    onTestFinished(() => server.destroy())
    server.on('client', (session) => session.destroy())
    return () => joined(server)
  },
  'a closed port': async () => (await nobody()).connect as () => DuplexLike,
  'a port that closes at once': async () => (await closingServer()).connect as () => DuplexLike
}

function joined(server: ProxyServer): DuplexLike {
  const [near, far] = wire()
  server.handleStream(far as unknown as DuplexLike)
  return near as unknown as DuplexLike
}

test.each(Object.keys(CLIENTS).flatMap((kind) => Object.keys(ENDPOINTS).map((endpoint) => [kind, endpoint] as const)))(
  '%s: reconnect(stream) on each disconnect is spaced, at %s',
  async (kind, endpoint) => {
    const clock = new FakeClock()
    const open = (await ENDPOINTS[endpoint]?.(clock)) as () => DuplexLike
    let tries = 0
    const stream = () => {
      tries++
      return open()
    }
    const client = keep((CLIENTS[kind] as Create)(stream(), clock))
    client.on('disconnected', () => client.reconnect(stream()))
    await pass(clock, 7)
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThanOrEqual(10)
  }
)

test.each(Object.keys(ENDPOINTS))('reconnect() in a loop is spaced, at %s', async (endpoint) => {
  const clock = new FakeClock()
  const open = (await ENDPOINTS[endpoint]?.(clock)) as () => DuplexLike
  let tries = 0
  const connect = () => {
    tries++
    return open()
  }
  const client = keep(new ProxyClient({ connect, clock, random: WHOLE }))
  client.on('disconnected', () => client.reconnect())
  for (let i = 0; i < 70; i++) {
    for (let call = 0; call < 100; call++) client.reconnect()
    await turns(2)
    await clock.advance(100)
  }
  expect(tries).toBeGreaterThan(2)
  expect(tries).toBeLessThanOrEqual(10)
})

test('suspend and resume in a loop are spaced', async () => {
  const clock = new FakeClock()
  const server = new ProxyServer({ dht: null })
  onTestFinished(() => server.destroy())
  let tries = 0
  const connect = () => {
    tries++
    return joined(server)
  }
  const client = keep(new ProxyClient({ connect, clock, random: WHOLE }))
  for (let i = 0; i < 70; i++) {
    await client.suspend()
    await client.resume()
    await clock.advance(100)
  }
  expect(tries).toBeLessThanOrEqual(10)
  await clock.advance(10_000)
  await until('it is connected in the end', () => client.connected)
})

test('an application that asks before its time is told when the next attempt is made', async () => {
  const clock = new FakeClock()
  const fail = () => Promise.reject(new Error('nobody is there'))
  const client = keep(new ProxyClient({ connect: fail, clock, random: WHOLE, reconnectMinMs: 30_000 }))
  const waits: (number | null)[] = []
  client.on('disconnected', ({ retryMs }) => waits.push(retryMs))
  await turns()
  client.reconnect()
  await turns()
  expect(waits, 'the first is made at once').toEqual([30_000, 30_000])
  client.reconnect()
  await clock.advance(20)
  expect(waits).toEqual([30_000, 30_000, 29_980])
})

test('a stream that fails while it waits for its turn is reported, and not uncaught', async () => {
  const clock = new FakeClock()
  const { connect } = await nobody()
  const client = keep(new ProxyClient({ connection: connect() as DuplexLike, clock, random: WHOLE }))
  const failures: string[] = []
  client.on('disconnected', ({ error }) => failures.push(error.message))
  await until('the first failed', () => failures.length === 1)
  client.reconnect(connect() as DuplexLike)
  await until('the second failed', () => failures.length === 2)
  const third = connectNet(1, '127.0.0.1')
  client.reconnect(third as unknown as DuplexLike)
  await until('the third has failed while it waits', () => third.destroyed)
  await turns()
  expect(failures).toHaveLength(2)
  await clock.advance(250)
  await until('it is reported', () => failures.length === 3)
  expect(failures[2]).toMatch(/ECONNREFUSED/)
})

test('a newer stream takes the place of one that waits, which is closed', async () => {
  const clock = new FakeClock()
  const server = new ProxyServer({ dht: null })
  onTestFinished(() => server.destroy())
  const client = keep(new ProxyClient({ connection: null, clock, random: WHOLE }))
  client.reconnect(joined(server))
  await until('it is connected', () => client.connected)
  const [second, third] = [joined(server), joined(server)]
  client.reconnect(second)
  client.reconnect(third)
  await until('the second is closed', () => second.destroyed === true)
  expect([third.destroyed, client.connected]).toEqual([false, true])
})
