/** Proof that data flows: every connection carries the time, ten times a second. */
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMs } from '../lab/now.ts'
import type { Connection } from './swarms.ts'

const TICK_MS = 100
const TICK_BYTES = 8
const POLL_MS = 10
/** Arrivals that are remembered: of one connection, those of 16 minutes. */
const MAX_ARRIVALS = 10_000

interface Arrival {
  readonly sentMs: number
  readonly arrivedMs: number
}

export class Ticks {
  readonly #connections = new Set<Connection>()
  #arrivals: Arrival[] = []

  constructor() {
    setInterval(() => this.#tick(), TICK_MS)
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  add(connection: Connection): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    let rest: Uint8Array = new Uint8Array(0)
    connection.on('data', (data) => {
      const bytes = Buffer.concat([rest, data])
      const end = bytes.length - (bytes.length % TICK_BYTES)
      for (let at = 0; at < end; at += TICK_BYTES) this.#note(bytes.readDoubleBE(at))
      rest = bytes.subarray(end)
    })
  }

  /**
   * When the first tick arrived that was sent after `sinceMs`; null if none has within the limit. What was on its way
   * before proves nothing, for example about a process that was stopped.
   */
  async heard(sinceMs: number, limitMs: number): Promise<number | null> {
    for (;;) {
      const first = this.#arrivals.find(({ sentMs }) => sentMs >= sinceMs)
      if (first !== undefined) return first.arrivedMs
      if (nowMs() > sinceMs + limitMs) return null
      await sleep(POLL_MS)
    }
  }

  #tick(): void {
    const tick = Buffer.alloc(TICK_BYTES)
    tick.writeDoubleBE(nowMs())
    for (const connection of this.#connections) connection.write(tick)
  }

  #note(sentMs: number): void {
    if (this.#arrivals.length === MAX_ARRIVALS) this.#arrivals = this.#arrivals.slice(MAX_ARRIVALS / 2)
    this.#arrivals.push({ sentMs, arrivedMs: nowMs() })
  }
}
