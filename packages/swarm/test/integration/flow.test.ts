/** A reader that stops reading makes the sender wait, as TCP does, whichever of the two libraries sends. */
import type { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { checkCounting, type Offer, offer, settled } from '../../../proxy-client/test/support/offer.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Connection } from '../../src/network/connection.js'
import { ignoreWindow } from '../support/ignore-window.js'
import { carries, type Kind, like, nextConnection, type SwarmLike, Testnet } from './support.js'

const KIB = 1024
const MIB = 1024 * KIB
const OFFERED_BYTES = 1024 * MIB
/** What a reader that was never fast is sent ahead. */
const MIN_WINDOW_BYTES = 256 * KIB
/** A window, and what the streams on both sides hold before they ask to wait. */
const HELD_BYTES = 4 * MIB

const net = Testnet.use()

/** What a writer whose reader does not read gets rid of. */
async function stalled(offered: Offer): Promise<number> {
  await until('the window to be used', () => offered.taken >= MIN_WINDOW_BYTES)
  return settled(() => offered.taken)
}

/** Both ends of a connection that `from` has dialled. */
async function connect(from: SwarmLike, to: SwarmLike): Promise<[sender: Connection, reader: Connection]> {
  await to.listen()
  const [sender, reader] = [nextConnection(from), nextConnection(to)]
  from.joinPeer(to.keyPair.publicKey)
  const ends: [Connection, Connection] = [(await sender).connection, (await reader).connection]
  for (const end of ends) end.on('error', () => {})
  return ends
}

describe.each<Kind>(['swarmway', 'hyperswarm'])('a reader of swarmway, a sender of %s', (kind) => {
  test('a gigabyte for a connection that is never read stays with the sender', async () => {
    const [sender, reader] = await connect(net.make(kind), like(net.swarm()))
    const before = process.memoryUsage().rss
    const offered = offer(sender, OFFERED_BYTES)
    expect(await stalled(offered)).toBeLessThan(HELD_BYTES)
    // A quarter: how soon garbage is collected is up to the engine.
    expect(process.memoryUsage().rss - before, 'growth of the process').toBeLessThan(OFFERED_BYTES / 4)
    expect([sender.destroying, reader.destroying]).toEqual([false, false])
  })

  test('when the reader reads on, everything arrives, every time', async () => {
    const [sender, reader] = await connect(net.make(kind), like(net.swarm()))
    const arrived = checkCounting(reader)
    let sent = 0
    for (let stall = 0; stall < 4; stall++) {
      reader.pause()
      const offered = offer(sender, 16 * MIB, sent)
      expect(await stalled(offered), 'a window that has grown').toBeLessThan(2 * HELD_BYTES)
      reader.resume()
      sent += 16 * MIB
      await until('everything to arrive', () => arrived.bytes === sent)
    }
    expect([arrived.isRight, sender.destroying, reader.destroying]).toEqual([true, false, false])
  })

  test('the end of a stalled connection waits behind its data', async () => {
    const [sender, reader] = await connect(net.make(kind), like(net.swarm()))
    const offered = offer(sender, 16 * MIB)
    await stalled(offered)
    void offered.done.then(() => sender.end())
    const ended = new Promise((resolve) => reader.once('end', resolve as never))
    const arrived = checkCounting(reader)
    await ended
    expect([arrived.bytes, arrived.isRight]).toEqual([16 * MIB, true])
  })

  test('a stalled connection does not hold up the other way', async () => {
    const [sender, reader] = await connect(net.make(kind), like(net.swarm()))
    const offered = offer(sender, OFFERED_BYTES)
    expect(await stalled(offered)).toBeLessThan(HELD_BYTES)
    expect(await carries(reader, sender)).toBe(true)
  })
})

// Most connections of a crowd are idle for ever, and each had a window, which is half a kilobyte.
test('a connection gets its window once it has received 64 KiB', async () => {
  const [sender, reader] = await connect(like(net.swarm()), like(net.swarm()))
  const listeners = () => (reader.rawStream as unknown as EventEmitter).listenerCount('data')
  expect(await carries(sender, reader)).toBe(true)
  const before = listeners()
  const arrived = checkCounting(reader)
  await offer(sender, 32 * KIB).done
  await until('half of it to arrive', () => arrived.bytes === 32 * KIB)
  expect(listeners()).toBe(before)
  await offer(sender, MIB, 32 * KIB).done
  await until('the rest to arrive', () => arrived.bytes === MIB + 32 * KIB)
  expect([arrived.isRight, listeners()]).toEqual([true, before + 1])
})

test('a sender that ignores the window loses its connection; another connection carries on', async () => {
  const swarm = like(net.swarm())
  const [flooding, unread] = await connect(like(net.swarm()), swarm)
  const [friend, mine] = await connect(like(net.swarm()), swarm)
  await ignoreWindow(unread.rawStream)
  const lost = new Promise((resolve) => unread.once('error', resolve))
  const offered = offer(flooding, OFFERED_BYTES)
  expect(await lost).toMatchObject({ code: 'BUFFER_LIMIT' })
  await offered.done
  expect(offered.taken).toBeLessThan(64 * MIB)
  expect(await carries(friend, mine)).toBe(true)
  expect(await carries(mine, friend)).toBe(true)
})
