import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../../runtime/test/support/until.js'
import type { Connection } from '../../../../src/network/connection.js'
import { FIRST_SPARE_ID } from '../../../../src/paths/path.js'
import { SpareAccepts } from '../../../../src/paths/spare/spare-accepts.js'
import { createKeyPair } from '../../../../src/util/keys.js'
import { topicFrom } from '../../../../src/util/topic.js'
import { createFakeNetwork } from '../../../support/fake-swarm.js'
import { Forger } from '../../../support/forger.js'
import { addPath, MemoryRaw, pathStreams } from '../../../support/memory-paths.js'

/** A connection that the remote has dialled, and that has only a direct path left. */
async function setUp({ hasBase = false } = {}) {
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  const { ends, rawStreams } = streams
  onTestFinished(() => {
    for (const end of ends) end.destroy()
  })
  addPath(streams, 1)
  await until(() => ends.every((end) => end.activePathId === 1))
  if (!hasBase) rawStreams[0].destroy(null)
  await until(() => ends[0].hasBase === hasBase)
  const connection = { rawStream: ends[0], isInitiator: false } as unknown as Connection
  return { accepts: new SpareAccepts(clock), clock, connection, stream: ends[0] }
}

/** What follows a handshake with this hash. */
function arrival(hash: Uint8Array): Connection {
  const raw = new MemoryRaw()
  return Object.assign(raw, { handshakeHash: hash, setKeepAlive: () => {} }) as unknown as Connection
}

const FIRST = FIRST_SPARE_ID + 1

test('the peer that dialled a connection may replace its lost path, with a new number each time', async () => {
  const { accepts, connection } = await setUp()
  expect(accepts.admits(connection, FIRST)).toBe(true)
  expect(accepts.admits(connection, FIRST), 'a replay').toBe(false)
  expect(accepts.admits(connection, FIRST + 2)).toBe(true)
  expect(accepts.admits(connection, FIRST + 1), 'an older one').toBe(false)
  expect(accepts.admits(connection, 7), 'the number of a direct path').toBe(false)
})

test('a path that is not lost is not replaced, nor is one of a connection that we dialled or that has no paths', async () => {
  const { accepts, connection } = await setUp()
  const other = await setUp({ hasBase: true })
  expect(accepts.admits(other.connection, FIRST)).toBe(false)
  expect(accepts.admits({ ...connection, isInitiator: true } as unknown as Connection, FIRST)).toBe(false)
  expect(accepts.admits({ isInitiator: false, rawStream: {} } as unknown as Connection, FIRST)).toBe(false)
})

test('only what follows the handshake in time is taken for a path', async () => {
  const { accepts, clock, connection, stream } = await setUp()
  const [hash, later] = [b4a.alloc(64, 1), b4a.alloc(64, 2)]
  accepts.expect(hash, connection, FIRST)
  expect(accepts.take(arrival(b4a.alloc(64, 9)))).toBe(false)
  expect([accepts.take(arrival(hash)), stream.hasBase]).toEqual([true, true])
  expect(accepts.take(arrival(hash)), 'twice').toBe(false)
  accepts.expect(later, connection, FIRST + 1)
  await clock.advance(10_001)
  expect(accepts.take(arrival(later))).toBe(false)
})

test('a second handshake for the same connection replaces the first', async () => {
  const { accepts, connection } = await setUp()
  const [hash, later] = [b4a.alloc(64, 1), b4a.alloc(64, 2)]
  accepts.expect(hash, connection, FIRST)
  accepts.expect(later, connection, FIRST + 1)
  expect([accepts.take(arrival(hash)), accepts.take(arrival(later))]).toEqual([false, true])
})

test('a stranger who asks for a path of a connection without paths is refused, and replaces nothing', async () => {
  const { clock, createSwarm, network } = createFakeNetwork()
  const server = createSwarm()
  server.join(topicFrom('a'), { client: false })
  await clock.advance(10)
  const keyPair = createKeyPair()
  const friend = new Forger(network, keyPair)
  const opened = friend.dial(server.keyPair.publicKey)
  await clock.advance(1000)
  expect(await opened).toBe('OPENED')
  const [connection] = server.connections
  const forger = new Forger(network, keyPair, { sparePathId: FIRST })
  const ended = forger.dial(server.keyPair.publicKey)
  await clock.advance(1000)
  expect(await ended).toBe('SERVER_ERROR')
  expect([server.connections.size, connection?.destroyed]).toEqual([1, false])
})
