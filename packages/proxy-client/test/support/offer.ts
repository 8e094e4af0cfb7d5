import type { Connection } from '@swarmway/swarm'
import { turns } from '../../../runtime/test/support/until.js'
import { drained } from './transfer.js'

const CHUNK_BYTES = 64 * 1024
const CALM_TURNS = 100

/** A writer that has much to send, and waits when asked to. */
export interface Offer {
  /** Bytes that the connection has taken. */
  taken: number
  /** Resolves when everything is taken or the connection has ended. */
  readonly done: Promise<void>
}

/** Starts to send `bytes` bytes of the counting sequence, from the place `first` on. */
export function offer(connection: Connection, bytes: number, first = 0): Offer {
  const state = { taken: 0, done: Promise.resolve() }
  const run = async () => {
    while (state.taken < bytes && !connection.destroying) {
      const chunk = counting(first + state.taken, Math.min(CHUNK_BYTES, bytes - state.taken))
      state.taken += chunk.byteLength
      if (!connection.write(chunk)) await drained(connection)
    }
  }
  state.done = run()
  return state
}

/** Resolves to a value once it has not changed for a number of turns of the event loop. */
export async function settled(read: () => number): Promise<number> {
  for (let calm = 0, before = read(); ; ) {
    await turns(CALM_TURNS)
    calm = read() === before ? calm + 1 : 0
    before = read()
    if (calm === 3) return before
  }
}

/** Checks that the arriving bytes are in sequence, and counts them. */
export function checkCounting(connection: Connection): { bytes: number; isRight: boolean } {
  const state = { bytes: 0, isRight: true }
  connection.on('data', (chunk) => {
    const expected = counting(state.bytes, chunk.byteLength)
    if (Buffer.compare(chunk, expected) !== 0) state.isRight = false
    state.bytes += chunk.byteLength
  })
  return state
}

const PERIOD = 251
const pattern = Buffer.from(Array.from({ length: CHUNK_BYTES + 2 * PERIOD }, (_, i) => i % PERIOD))

/** Bytes of a sequence, from a place in it. Its period is not a divisor of any chunk's size. */
function counting(from: number, length: number): Uint8Array {
  const offset = from % PERIOD
  if (offset + length <= pattern.byteLength) return pattern.subarray(offset, offset + length)
  return Buffer.from(Array.from({ length }, (_, i) => (from + i) % PERIOD))
}
