/** What direct paths save is told to the server, which shows it. */
import { expect, test } from 'vitest'
import { type Clock, type MonotonicMs, systemClock } from '../../../runtime/src/index.js'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { watchedRtc } from '../support/watched-rtc.js'

const MINUTE_MS = 60_000

/** The platform's clock, which can be told that the minutes that are waited for are over. */
class ImpatientClock implements Clock {
  readonly #waiting = new Map<unknown, () => void>()

  now(): MonotonicMs {
    return systemClock.now()
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    const timer = systemClock.setTimeout(run, delayMs)
    if (delayMs === MINUTE_MS) this.#waiting.set(timer, run)
    return timer
  }

  clearTimeout(timer: unknown): void {
    systemClock.clearTimeout(timer)
    this.#waiting.delete(timer)
  }

  skipMinutes(): void {
    for (const [timer, run] of [...this.#waiting]) {
      this.clearTimeout(timer)
      run()
    }
  }
}

test('a server learns how much went past it, and no listener of ours is on the swarm', async () => {
  const rig = await createRig({ testnet: null })
  const clock = new ImpatientClock()
  const one = rig.createSwarm({ direct: { rtc: watchedRtc(), localAddresses: true }, clock })
  const other = rig.createSwarm({ direct: { rtc: watchedRtc(), localAddresses: true } })
  expect(one.listenerCount('connection')).toBe(0)
  await other.listen()
  void one.connect(other.keyPair.publicKey)
  const [near, far] = await connectionBetween(one, other)
  await until('it is on the direct path', () => near.path === 'direct' && far.path === 'direct')
  far.resume()
  near.write(new Uint8Array(1_000_000))
  await until('it is sent', () => one.stats.direct.bytesSent >= 1_000_000)
  clock.skipMinutes()
  await until('the server knows', () => rig.server.stats.directBytes >= 1_000_000)
  expect(rig.server.stats.bytesIn).toBeLessThan(100_000)
})
