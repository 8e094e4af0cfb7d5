import type { Connection } from '@swarmway/swarm'
import { turns } from '../../../runtime/test/support/until.js'
import { drained } from './transfer.js'

const CHUNK_BYTES = 64 * 1024
const CALM_TURNS = 100

/** Somebody who has much to send, and waits when asked to. */
export interface Offer {
  /** Bytes that the connection has taken. */
  taken: number
  /** Resolves when all is taken or the connection has ended. */
  readonly done: Promise<void>
}

/** Begins to send `bytes` bytes that count up from `first`. */
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

/** Resolves with a value when it has not changed for a while, counted in turns of the event loop. */
export async function settled(read: () => number): Promise<number> {
  for (let calm = 0, before = read(); ; ) {
    await turns(CALM_TURNS)
    calm = read() === before ? calm + 1 : 0
    before = read()
    if (calm === 3) return before
  }
}

/** Checks that what arrives counts up, and how much it is. */
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

/** Bytes of a sequence with a period that fits into no chunk, from a place in it. */
function counting(from: number, length: number): Uint8Array {
  const offset = from % PERIOD
  if (offset + length <= pattern.byteLength) return pattern.subarray(offset, offset + length)
  return Buffer.from(Array.from({ length }, (_, i) => (from + i) % PERIOD))
}
