import { describe, expect, test } from 'vitest'
import { uncaught } from '../../../../runtime/test/support/uncaught.js'
import type { Connection, ConnectionEvents } from '../../../src/network/connection.js'
import type { PeerInfoEvents } from '../../../src/peers/peer-info.js'
import type { CoreOptions } from '../../../src/swarm/options.js'
import type { SwarmEvents } from '../../../src/swarm/swarm-types.js'
import type { FakeNetwork } from '../../support/fake-network.js'
import { bytes32, createFakeNetwork, FakeSwarm, type FakeSwarmOptions } from '../../support/fake-swarm.js'

/**
 * An exception in an application's `update` listener went through the dial queue, which was emitting the event: it
 * never dialled again, the lookup that had found the peer counted as failed, and the error was never seen.
 */

const TOPIC = bytes32(1)
const LATE_TOPIC = bytes32(2)

/** Options for the swarm under test, and what to do to it before it joins and when it has a peer. */
interface Case {
  readonly options?: FakeSwarmOptions
  before?(swarm: FakeSwarm, network: FakeNetwork): void
  connected?(connection: Connection, swarm: FakeSwarm, peer: FakeSwarm): unknown
  /** The connection to the first peer fails, or is never made. */
  readonly isLonely?: boolean
}

let thrown = 0

/** Throws the first time it is called. */
function once<T>(result: T): () => T {
  let isFirst = true
  return () => {
    if (!isFirst) return result
    isFirst = false
    thrown++
    throw new Error('of the application')
  }
}

const EVENTS: Record<keyof SwarmEvents, Case> = {
  connection: { before: (swarm) => swarm.once('connection', once(undefined)) },
  update: { before: (swarm) => swarm.once('update', once(undefined)) },
  ban: {
    before: (swarm) => swarm.once('ban', once(undefined)),
    connected: (_connection, swarm) => [...swarm.peers.values()][0]?.ban()
  },
  'dial-error': {
    before: (swarm) => {
      swarm.once('dial-error', once(undefined))
      swarm.joinPeer(bytes32(9))
    }
  },
  'discovery-error': {
    before: (swarm, network) => {
      network.queryFate = () => {
        network.queryFate = () => 'pass'
        return 'fail'
      }
      swarm.once('discovery-error', once(undefined))
    }
  },
  offline: { before: (swarm) => swarm.once('offline', once(undefined)), connected: (_, swarm) => flicker(swarm) },
  online: { before: (swarm) => swarm.once('online', once(undefined)), connected: (_, swarm) => flicker(swarm) }
}

/** The network goes and comes. */
function flicker({ node }: FakeSwarm): void {
  for (const isOnline of [false, true]) {
    node.online = isOnline
    node.emit('network-update')
  }
}

const INFO_EVENTS: Record<keyof PeerInfoEvents, Case> = {
  topic: {
    connected: (_connection, swarm) => {
      const [info] = swarm.peers.values()
      info?.once('topic', once(undefined))
      info?.addTopic(LATE_TOPIC)
    }
  }
}

const CONNECTION_EVENTS: Record<'data' | 'end' | 'close' | 'error' | 'data of the raw stream', Case> = {
  'data of the raw stream': {
    connected: (connection, _swarm, peer) => {
      connection.rawStream?.once('data', once(undefined))
      for (const remote of peer.connections) remote.write(new Uint8Array(3))
    }
  },
  data: {
    connected: (connection, _swarm, peer) => {
      connection.on('data', once(undefined))
      for (const remote of peer.connections) remote.write(new Uint8Array(3))
    }
  },
  end: {
    isLonely: true,
    connected: (connection, _swarm, peer) => {
      connection.on('data', () => {})
      connection.on('end', once(undefined))
      for (const remote of peer.connections) remote.end()
    }
  },
  close: {
    isLonely: true,
    connected: (connection) => {
      prepend(connection, 'close')
      connection.destroy()
    }
  },
  error: {
    isLonely: true,
    connected: (connection) => {
      prepend(connection, 'error')
      connection.destroy(new Error('reset'))
    }
  }
}

/** A listener that runs before the swarm's own. */
function prepend(connection: Connection, event: keyof ConnectionEvents): void {
  const emitter = connection as unknown as { prependOnceListener(event: string, listener: () => void): void }
  emitter.prependOnceListener(event, once(undefined))
}

/** The options that are functions. */
const OPTIONS: Record<'firewall' | 'relayThrough' | 'random', () => CoreOptions> = {
  firewall: () => ({ firewall: once(false) }),
  relayThrough: () => ({ relayThrough: once(null) }),
  random: () => ({ random: once(0.5) })
}

async function survives({ before, connected, isLonely = false, options }: Case): Promise<void> {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ backoffs: [100, 100, 100, 1000], ...options })
  const createPeer = () => {
    const peer = fake.createSwarm()
    peer.join(TOPIC, { client: false, server: true })
    return peer
  }
  const first = createPeer()
  await fake.clock.advance(1000)
  thrown = 0
  const errors = await uncaught(async () => {
    before?.(swarm, fake.network)
    swarm.join(TOPIC, { client: true, server: false })
    await fake.clock.advance(20_000)
    const [connection] = swarm.connections
    if (connection !== undefined) connected?.(connection, swarm, first)
    await fake.clock.advance(20_000)
  })
  expect(errors.map(String)).toEqual(['Error: of the application'])
  expect(thrown).toBe(1)
  const late = createPeer()
  await swarm.status(TOPIC)?.refresh()
  await fake.clock.advance(20_000)
  expect(late.connections.size, 'a peer that comes afterwards is connected to').toBe(1)
  if (!isLonely) expect(swarm.connections.size).toBe(2)
  await fake.destroy()
  expect(swarm.connections.size).toBe(0)
}

describe.each([
  ['the swarm', EVENTS],
  ['a peer info', INFO_EVENTS],
  ['a connection', CONNECTION_EVENTS]
])('a throwing listener of %s stops nothing, and its error is uncaught', (_of, cases) => {
  test.each(Object.entries(cases))('%s', (_event, given) => survives(given))
})

test.each(Object.entries(OPTIONS))('the option %s', (_name, createOptions) => survives({ options: createOptions() }))

test('a firewall that rejects', () => {
  const answer = once(false)
  return survives({ options: { firewall: async () => answer() } })
})

test('a throwing log leaves no suspension half done', async () => {
  const { clock, createSwarm } = createFakeNetwork()
  const [swarm, peer] = [createSwarm(), createSwarm()]
  peer.join(TOPIC, { client: false, server: true })
  swarm.join(TOPIC, { client: true, server: false })
  const log = () => {
    throw new Error('of the application')
  }
  const errors = await uncaught(async () => {
    const suspended = swarm.suspend({ log })
    await clock.advance(10_000)
    await suspended
    const resumed = swarm.resume({ log })
    await clock.advance(10_000)
    await resumed
  })
  expect(errors.length).toBeGreaterThan(3)
  expect([swarm.suspended, swarm.connections.size]).toEqual([false, 1])
})

test('a peer is ignored when the subclass asked about it throws', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  let isBroken = true
  class Judge extends FakeSwarm {
    protected override judgePeer(): 'dial' {
      if (isBroken) throw new Error('of the application')
      return 'dial'
    }

    protected override onDiscoveryCycle(): void {
      if (isBroken) throw new Error('of the application')
    }
  }
  createSwarm().join(TOPIC, { client: false, server: true })
  await clock.advance(1000)
  const swarm = new Judge(network)
  const errors = await uncaught(async () => {
    swarm.join(TOPIC, { client: true, server: false })
    await clock.advance(1000)
  })
  expect([errors.length > 1, swarm.connections.size]).toEqual([true, 0])
  isBroken = false
  await clock.advance(60_000)
  expect(swarm.connections.size).toBe(1)
  await swarm.destroy()
})
