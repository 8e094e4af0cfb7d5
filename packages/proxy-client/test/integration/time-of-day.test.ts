/** The time of day jumps while clients are connected: its rate limits used to get out of step with the server's. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyClient } from '../../src/index.js'
import { createRig } from '../support/rig.js'

const DAY_MS = 86_400_000
const now = Date.now

afterEach(() => {
  vi.restoreAllMocks()
})

function setTimeOfDay(jumpMs: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => now() + jumpMs)
}

describe.each([-DAY_MS, -60_000, 60_000, DAY_MS])('when the time of day jumps by %i ms', (jumpMs) => {
  test('sessions and connections stay, and new clients are served', async () => {
    const rig = await createRig({ testnet: null })
    const [a, b] = [rig.createSwarm(), rig.createSwarm()]
    const topic = freshTopic()
    const lost: string[] = []
    for (const client of [a, b]) {
      client.join(topic)
      client.on('disconnected', ({ error }) => lost.push(error.code))
    }
    const isConnected = (client: ProxyClient, count: number) => client.connections.size === count
    await until('two are connected', () => isConnected(a, 1) && isConnected(b, 1))
    const [connection] = a.connections
    setTimeOfDay(jumpMs)
    expect(await a.join(freshTopic()).flushed()).toBe(true)
    const c = rig.createSwarm()
    c.join(topic)
    await until('three are connected', () => [a, b, c].every((client) => isConnected(client, 2)))
    for (const client of [a, b]) client.reconnect()
    await until('both are back', () => a.connected && b.connected)
    expect([lost, connection?.destroyed, rig.server.clients.size]).toEqual([[], false, 3])
  })
})
