import { Readable } from 'streamx'
import { expect, test } from 'vitest'
import { checkCounting, offer } from '../../../proxy-client/test/support/offer.js'
import { until } from '../../../runtime/test/support/until.js'
import { like, nextConnection, Testnet } from './support.js'

const BYTES = 128 * 1024
const net = Testnet.use()

// A window is made once 64 KiB have arrived. It listens to `data`, which made a paused stream flow.
test('a paused connection stays paused when it gets its receive window', async () => {
  const [from, to] = [like(net.swarm()), like(net.swarm())]
  await to.listen()
  const opened = [nextConnection(from), nextConnection(to)] as const
  from.joinPeer(to.keyPair.publicKey)
  const [sender, reader] = [(await opened[0]).connection, (await opened[1]).connection]
  for (const end of [sender, reader]) end.on('error', () => {})
  const raw = reader.rawStream as unknown as Readable
  const listeners = raw.listenerCount('data')
  const arrived = checkCounting(reader)
  raw.pause()
  const offered = offer(sender, BYTES)
  await until('the window to be made', () => raw.listenerCount('data') > listeners)
  await offered.done
  expect([Readable.isPaused(raw), arrived.bytes]).toEqual([true, 0])
  raw.resume()
  await until('all to arrive', () => arrived.bytes === BYTES)
  expect(arrived.isRight).toBe(true)
})
