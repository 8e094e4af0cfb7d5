/** The bytes on the way over a link, on a simulated one: a queue with a rate and a delay, and acknowledgements. */
import { expect, test } from 'vitest'
import { SendWindow } from '../../../src/delivery/send-window.js'

const KIB = 1024
const MIB = 1024 * KIB
const ACK_DELAY_MS = 5
const STEP_MS = 0.5

interface Path {
  bytesPerMs: number
  roundTripMs: number
  /** The other side acknowledges at most this often. */
  ackEveryMs?: number
}

interface Frame {
  readonly bytes: number
  readonly arrivesMs: number
}

/** A sender with a window, and a link whose buffers take everything. */
class Simulation {
  readonly window: SendWindow
  readonly path: Path
  nowMs = 0
  deliveredBytes = 0
  #frames: Frame[] = []
  #sentFrames = 0
  #ackedFrames = 0
  #inFlightBytes = 0
  #linkFreeMs = 0
  #nextAckMs = 0
  #acks: { atMs: number; frames: number; bytes: number }[] = []

  constructor(path: Path, maxBytes = 64 * MIB) {
    this.path = path
    this.window = new SendWindow({ maxBytes, ackDelayMs: ACK_DELAY_MS }, { now: () => this.nowMs })
  }

  /** How long what is sent now waits before it is on the line. */
  get queueMs(): number {
    return Math.max(0, this.#linkFreeMs - this.nowMs)
  }

  /** Offers all that the window takes, or `bytesPerMs`. Returns the bytes delivered per millisecond. */
  run(forMs: number, bytesPerMs = Number.POSITIVE_INFINITY): number {
    const [before, startMs] = [this.deliveredBytes, this.nowMs]
    for (let allowed = 0; this.nowMs < startMs + forMs; this.nowMs += STEP_MS) {
      allowed += bytesPerMs * STEP_MS
      this.#deliver()
      this.#takeAcks()
      while (allowed >= this.#frameBytes && this.window.hasRoom(this.#inFlightBytes)) {
        allowed -= this.#frameBytes
        this.#send(this.#frameBytes)
      }
    }
    return (this.deliveredBytes - before) / forMs
  }

  get #frameBytes(): number {
    return Math.min(Math.max(this.window.sizeBytes / 8, 4 * KIB), 64 * KIB)
  }

  #send(bytes: number): void {
    this.#linkFreeMs = Math.max(this.#linkFreeMs, this.nowMs) + bytes / this.path.bytesPerMs
    this.#frames.push({ bytes, arrivesMs: this.#linkFreeMs + this.path.roundTripMs / 2 })
    this.#inFlightBytes += bytes
    this.window.onSent(++this.#sentFrames)
  }

  #deliver(): void {
    if (this.nowMs < this.#nextAckMs) return
    const arrived = this.#frames.filter((frame) => frame.arrivesMs <= this.nowMs)
    if (arrived.length === 0) return
    this.#frames = this.#frames.slice(arrived.length)
    this.#ackedFrames += arrived.length
    const bytes = arrived.reduce((sum, frame) => sum + frame.bytes, 0)
    this.deliveredBytes += bytes
    this.#acks.push({ atMs: this.nowMs + this.path.roundTripMs / 2, frames: this.#ackedFrames, bytes })
    this.#nextAckMs = this.nowMs + (this.path.ackEveryMs ?? ACK_DELAY_MS)
  }

  #takeAcks(): void {
    for (let ack = this.#acks[0]; ack !== undefined && ack.atMs <= this.nowMs; ack = this.#acks[0]) {
      this.#acks.shift()
      this.#inFlightBytes -= ack.bytes
      this.window.onAcked(ack.frames, ack.bytes)
    }
  }
}

const PATHS: Path[] = [
  { bytesPerMs: 1000, roundTripMs: 100 },
  { bytesPerMs: 12_500, roundTripMs: 50 },
  { bytesPerMs: 100, roundTripMs: 600 },
  { bytesPerMs: 2000, roundTripMs: 200 }
]

test.each(PATHS)(
  'it fills a link of $bytesPerMs bytes/ms and $roundTripMs ms, and not the buffers before it',
  (path) => {
    const link = new Simulation(path)
    link.run(50 * path.roundTripMs)
    const rate = link.run(50 * path.roundTripMs)
    const bandwidthDelayBytes = path.bytesPerMs * path.roundTripMs
    expect(rate / path.bytesPerMs, 'a probe every 10 s included').toBeGreaterThan(0.95)
    expect(link.window.sizeBytes / bandwidthDelayBytes).toBeGreaterThan(1.1)
    expect(link.window.sizeBytes / bandwidthDelayBytes).toBeLessThan(1.6)
    expect(link.queueMs / path.roundTripMs).toBeLessThan(0.6)
  }
)

test('a near link has 40 ms of bytes on the way, because either side may be busy', () => {
  const link = new Simulation({ bytesPerMs: 10_000, roundTripMs: 1 })
  link.run(5000)
  expect(link.run(1000) / 10_000).toBeGreaterThan(0.97)
  expect(link.window.sizeBytes / 10_000).toBeGreaterThan(35)
  expect(link.window.sizeBytes / 10_000).toBeLessThan(60)
})

test('it finds out when the link becomes faster', () => {
  const link = new Simulation({ bytesPerMs: 500, roundTripMs: 100 })
  link.run(10_000)
  link.path.bytesPerMs = 4000
  link.run(20_000)
  expect(link.run(5000) / 4000).toBeGreaterThan(0.95)
})

// A probe was sized by the old rate, met its own queue, and took that for the round trip: 4 s of bytes for half a minute.
test.each([5000, 10_000, 13_000])('it gets smaller when the link becomes slower after %i ms', (afterMs) => {
  const link = new Simulation({ bytesPerMs: 4000, roundTripMs: 100 })
  link.run(afterMs)
  link.path.bytesPerMs = 500
  link.run(20_000)
  expect(link.run(5000) / 500).toBeGreaterThan(0.95)
  expect(link.window.sizeBytes).toBeLessThan(2 * 500 * 100)
  expect(link.queueMs).toBeLessThan(100)
})

test('it notices a longer round trip, which could also be its own queue, within some 10 s', () => {
  const link = new Simulation({ bytesPerMs: 1000, roundTripMs: 50 })
  link.run(5000)
  link.path.roundTripMs = 300
  expect(link.window.roundTripMs).toBeLessThan(70)
  link.run(30_000)
  expect(link.window.roundTripMs).toBeGreaterThan(290)
  expect(link.window.roundTripMs).toBeLessThan(400)
  expect(link.run(10_000) / 1000).toBeGreaterThan(0.93)
})

test('10 s after the last short round trip it keeps few bytes on the way for a round, and no longer', () => {
  const link = new Simulation({ bytesPerMs: 1000, roundTripMs: 100 })
  link.run(5000)
  const usualBytes = link.window.sizeBytes
  const small: number[] = []
  for (let i = 0; i < 30_000; i++) {
    link.run(1)
    if (link.window.sizeBytes < usualBytes / 2) small.push(link.nowMs)
  }
  expect(small.length, 'milliseconds with a small window').toBeGreaterThan(50)
  expect(small.length).toBeLessThan(1500)
})

// The rate measured was that of too small a window, which made the window smaller, and so on, down to a tenth.
test.each([
  [20, 30],
  [40, 20],
  [40, 40],
  [100, 60]
])(
  'with a round trip of %i ms, acknowledgements once in %i ms do not slow it down for ever',
  (roundTripMs, ackEveryMs) => {
    const link = new Simulation({ bytesPerMs: 2000, roundTripMs, ackEveryMs })
    link.run(10_000)
    expect(link.run(10_000) / 2000).toBeGreaterThan(0.7)
  }
)

test('an application that sends little does not make it small', () => {
  const link = new Simulation({ bytesPerMs: 2000, roundTripMs: 100 })
  link.run(10_000)
  const { sizeBytes } = link.window
  link.run(60_000, 20)
  expect(link.window.sizeBytes).toBeGreaterThan(0.8 * sizeBytes)
})

test('never more than the maximum, and never less than some packets', () => {
  const fast = new Simulation({ bytesPerMs: 100_000, roundTripMs: 200 }, MIB)
  fast.run(5000)
  expect(fast.window.sizeBytes).toBe(MIB)
  const slow = new Simulation({ bytesPerMs: 1, roundTripMs: 20 })
  slow.run(2_000_000)
  expect(slow.window.sizeBytes).toBe(16 * KIB)
})

test('a new link starts without what was known of the old one', () => {
  const link = new Simulation({ bytesPerMs: 100, roundTripMs: 600 })
  link.run(60_000)
  link.window.restart()
  expect([link.window.sizeBytes, link.window.roundTripMs]).toEqual([128 * KIB, 0])
  const next = new SendWindow({ maxBytes: 64 * KIB, ackDelayMs: ACK_DELAY_MS }, { now: () => 0 })
  expect(next.sizeBytes).toBe(64 * KIB)
})

test('the numbers of frames after a restart are those of the same session', () => {
  let nowMs = 0
  const window = new SendWindow({ maxBytes: MIB, ackDelayMs: ACK_DELAY_MS }, { now: () => nowMs })
  window.onSent(7)
  nowMs = 50
  window.restart()
  window.onSent(8)
  nowMs = 60
  window.onAcked(7, 1000)
  expect(window.roundTripMs, 'the frame of the old link').toBe(0)
  nowMs = 80
  window.onAcked(8, 1000)
  expect(window.roundTripMs).toBe(30)
})
