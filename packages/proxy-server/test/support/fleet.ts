import b4a from 'b4a'
import { expect } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { type BrokerPresenceOptions, brokerPresence, MemoryBroker, type ProxyServer } from '../../src/index.js'
import type { ProxyServerOptions } from '../../src/options.js'
import { makeServer } from './servers.js'
import { next, TestClient, type TestClientOptions } from './test-client.js'

/** Options of servers of a fleet. */
export interface FleetOfOptions extends ProxyServerOptions {
  broker?: MemoryBroker
  presence?: BrokerPresenceOptions
  secret?: string
}

/** A server of a fleet over a broker in memory. */
export function fleetServer(name: string, { broker = new MemoryBroker(), ...options }: FleetOfOptions = {}) {
  const { presence, secret, ...serverOptions } = options
  const fleet = { name, secret, presence: brokerPresence(broker.client(), presence), linkHost: '127.0.0.1' }
  return makeServer({ dht: null, fleet, ...serverOptions })
}

/** So many servers that know each other. */
export async function fleetOf(count: number, options: FleetOfOptions = {}): Promise<ProxyServer[]> {
  const { broker = new MemoryBroker() } = options
  const servers = Array.from({ length: count }, (_, i) => fleetServer(`s${i + 1}`, { ...options, broker }))
  await untilMet(servers)
  return servers
}

/** Waits until the servers know each other. */
export function untilMet(servers: readonly ProxyServer[]): Promise<void> {
  return until('the servers know each other', () =>
    servers.every(({ stats }) => stats.fleet?.servers.filter(({ name }) => name !== '').length === servers.length - 1)
  )
}

/** A client that announces itself on a topic and watches it. */
export async function clientOn(
  server: ProxyServer,
  topic: Uint8Array,
  options: TestClientOptions = {}
): Promise<TestClient> {
  const client = await TestClient.connect(server, options)
  await client.listen()
  client.watch(topic)
  await client.announce(topic)
  return client
}

/** Connects two clients, and has one say something to the other. */
export async function exchange(from: TestClient, to: TestClient): Promise<void> {
  const before = to.accepted.length
  const dialled = await from.dial(to.keyPair.publicKey)
  await until('it is accepted', () => to.accepted.length > before)
  dialled.write(b4a.from('hello'))
  expect(b4a.toString(await next(to.accepted[before]))).toBe('hello')
}
