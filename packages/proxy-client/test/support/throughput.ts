import type { Connection } from '@swarmway/swarm'
import { turn } from '../../../runtime/test/support/until.js'
import { offer } from './offer.js'

const MIB = 1024 * 1024
/** Sent on each stream in each measurement. */
const MOVED_BYTES = MIB
/** Most measurements with the stalled stream; half as many are made without it. Garbage collection spoils some. */
const ROUNDS = 10

/** Other processes share the caches and the memory of the machine, so CPU time is not exact either. */
export const KEPT_RATIO = 0.6

type Ends = [mine: Connection, theirs: Connection]

/**
 * Compares the throughput of streams before and after something happens that must not slow them down. Returns the best
 * round after it, as a fraction of the typical round before it: one such round shows that nothing slows them down
 * systematically.
 */
export async function throughputAfter(pairs: Ends[], happen: () => Promise<void>): Promise<number> {
  await throughput(pairs)
  const before: number[] = []
  for (let round = 0; round < ROUNDS / 2; round++) before.push(await throughput(pairs))
  const typical = before.sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 0
  await happen()
  let best = 0
  for (let round = 0; round < ROUNDS && best < KEPT_RATIO * typical; round++)
    best = Math.max(best, await throughput(pairs))
  return best / typical
}

/**
 * Megabytes received on the connections of one client per second of this process's CPU time. The process never idles
 * here, so its CPU time is the elapsed time without the share of other processes.
 */
async function throughput(pairs: Ends[]): Promise<number> {
  const begin = process.cpuUsage()
  const total = await move(pairs)
  const { system, user } = process.cpuUsage(begin)
  return total / MIB / ((system + user) / 1e6)
}

/** Sends on all of these streams, `atOnce` at a time: peers on UDP lose packets when many send. */
export async function moveInGroups(pairs: Ends[], atOnce: number): Promise<void> {
  for (let i = 0; i < pairs.length; i += atOnce) await move(pairs.slice(i, i + atOnce))
}

/** Sends on all of these streams at once. Returns the bytes sent. */
async function move(pairs: Ends[]): Promise<number> {
  const total = pairs.length * MOVED_BYTES
  let bytes = 0
  const onData = (chunk: Uint8Array) => {
    bytes += chunk.byteLength
  }
  for (const [mine] of pairs) mine.on('data', onData)
  for (const [, theirs] of pairs) offer(theirs, MOVED_BYTES)
  while (bytes < total) await turn()
  for (const [mine] of pairs) mine.removeListener('data', onData)
  return total
}
