import { expect, test } from 'vitest'
import { FittedWindow } from '../src/index.js'

const MIN_BYTES = 256 * 1024
const MAX_BYTES = 4 * 1024 * 1024

function fitted() {
  let nowMs = 0
  const window = new FittedWindow({ minBytes: MIN_BYTES, maxBytes: MAX_BYTES }, { now: () => nowMs })
  /** Reads at a rate for a while, over a path with a round trip. */
  const read = (bytesPerMs: number, forMs: number, roundTripMs: number) => {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs++) window.onRead(bytesPerMs, roundTripMs)
  }
  return { window, read }
}

test('it grows to twice what is read in a round trip, and no further', () => {
  const { read, window } = fitted()
  // 10 MB/s over 100 ms: 1 MB is on its way.
  read(10_000, 5000, 100)
  expect(window.sizeBytes).toBe(2 * 1024 * 1024)
})

test('it grows to the maximum and no further', () => {
  const { read, window } = fitted()
  read(100_000, 5000, 100)
  expect(window.sizeBytes).toBe(MAX_BYTES)
})

test('a reader that is slower than half a window in a round trip keeps the smallest', () => {
  const { read, window } = fitted()
  read(1000, 60_000, 100)
  expect(window.sizeBytes).toBe(MIN_BYTES)
})

test('it never shrinks', () => {
  const { read, window } = fitted()
  read(10_000, 5000, 100)
  const { sizeBytes } = window
  read(10, 60_000, 100)
  expect(window.sizeBytes).toBe(sizeBytes)
})

test('a pause between two bursts does not make it grow', () => {
  const { read, window } = fitted()
  for (let burst = 0; burst < 20; burst++) {
    read(MIN_BYTES / 4, 1, 100)
    read(0, 1000, 100)
  }
  expect(window.sizeBytes).toBe(MIN_BYTES)
})

test('however near the sender, 25 ms count as a round trip', () => {
  const { read, window } = fitted()
  // 10 MB/s: 250 kB in 25 ms, but 10 kB in a millisecond.
  read(10_000, 1000, 1)
  expect(window.sizeBytes).toBe(2 * MIN_BYTES)
})
