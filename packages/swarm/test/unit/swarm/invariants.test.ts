import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { action, Stage } from '../../support/actions.js'
import type { FakeSwarm } from '../../support/fake-swarm.js'

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)
const actions = fc.array(action, { maxLength: 25, size: 'max' })

function counts(swarm: FakeSwarm) {
  const { client, server } = swarm.stats.connects
  const dialled = [...swarm.connections].filter((connection) => connection.isInitiator).length
  return { client, server, dialled, accepted: swarm.connections.size - dialled }
}

function sumOfDials(swarm: FakeSwarm): number {
  return Object.values(swarm.stats.dials).reduce((sum, count) => sum + count, 0)
}

test('after any interleaving, each dial has ended in one counted outcome and the stats add up', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.constantFrom(0, 5), async (sequence, latencyMs) => {
      const stage = new Stage(latencyMs)
      const { swarm } = stage
      const failures: string[] = []
      swarm.on('dial-error', ({ code }) => failures.push(code))
      for (const step of sequence) {
        await stage.act(step)
        const { client } = counts(swarm)
        expect(sumOfDials(swarm) + swarm.connecting, 'outcomes and dials in progress').toBe(client.attempted)
      }
      await stage.fake.clock.advance(12_000)
      const { client, server, dialled, accepted } = counts(swarm)
      const { OPENED = 0, CANCELLED = 0, DUPLICATE = 0 } = swarm.stats.dials
      expect(OPENED).toBe(client.opened)
      expect(failures.length, 'dial-error events').toBe(sumOfDials(swarm) - OPENED - CANCELLED - DUPLICATE)
      expect(client.opened - dialled, 'closed after opening').toBe(client.closed - (sumOfDials(swarm) - OPENED))
      expect(server.opened - accepted).toBe(server.closed)
      expect(swarm.stats.queries.inFlight).toBe(swarm.node.queriesInFlight)
      const destroyed = swarm.destroy()
      await stage.fake.clock.advance(1000)
      await destroyed
      expect(sumOfDials(swarm), 'outcomes at the end').toBe(client.attempted)
      expect([swarm.connecting, swarm.connections.size, swarm.stats.queries.queued]).toEqual([0, 0, 0])
      await stage.fake.destroy()
    }),
    { numRuns: RUNS }
  )
})

test('after any interleaving, there is at most one connection per peer, on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.constantFrom(0, 5), async (sequence, latencyMs) => {
      const stage = new Stage(latencyMs)
      const { swarm } = stage
      for (const step of sequence) {
        await stage.act(step)
        const keys = [...swarm.connections].map(({ remotePublicKey }) => String(remotePublicKey))
        expect(new Set(keys).size, 'peers of the connections').toBe(keys.length)
      }
      await stage.fake.destroy()
    }),
    { numRuns: RUNS }
  )
})

// hyperswarm 4.17's suspend leaves `queued = true` on peers that its new queue does not hold: never dialled again.
test('after any interleaving, once the network has recovered, all peers of a joined topic get connected', async () => {
  await fc.assert(
    fc.asyncProperty(actions, fc.constantFrom(0, 5), async (sequence, latencyMs) => {
      const stage = new Stage(latencyMs)
      const { swarm } = stage
      for (const step of sequence) await stage.act(step)
      for (const info of swarm.peers.values()) info.ban(false)
      await stage.act({ do: 'dialFate', fate: 'pass' })
      await stage.act({ do: 'queryFate', fate: 'pass' })
      await stage.act({ do: 'resume' })
      await stage.act({ do: 'join', topic: 0, mode: 0 })
      // Two refreshes: the backoff's ceiling is a bit over ten minutes.
      await stage.fake.clock.advance(25 * 60_000)
      expect(swarm.connections.size).toBe(3)
      for (const peer of stage.peers) expect(peer.connections.size).toBe(3)
      await stage.fake.destroy()
    }),
    { numRuns: RUNS }
  )
})

test('limits hold at every update and connection event, whatever happens', async () => {
  const limits = fc.record({ maxPeers: fc.nat(3), maxClientConnections: fc.nat(3), maxServerConnections: fc.nat(3) })
  // Peers of joinPeer and connect are exempt from the limits, by definition.
  const limited = actions.map((steps) => steps.filter((step) => step.do !== 'joinPeer' && step.do !== 'connect'))
  await fc.assert(
    fc.asyncProperty(limited, limits, fc.constantFrom(0, 5), async (sequence, options, latencyMs) => {
      const stage = new Stage(latencyMs, options)
      const { swarm } = stage
      const excesses: object[] = []
      const check = () => {
        const { dialled, accepted } = counts(swarm)
        const { maxPeers, maxClientConnections, maxServerConnections } = options
        const isWithin =
          dialled + accepted <= maxPeers && dialled <= maxClientConnections && accepted <= maxServerConnections
        if (!isWithin) excesses.push({ dialled, accepted, ...options })
      }
      swarm.on('update', check)
      swarm.on('connection', check)
      for (const step of sequence) await stage.act(step)
      await stage.fake.clock.advance(10_000)
      check()
      expect(excesses).toEqual([])
      await stage.fake.destroy()
    }),
    { numRuns: RUNS }
  )
})
