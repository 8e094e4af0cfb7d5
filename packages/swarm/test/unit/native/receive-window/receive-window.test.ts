import { expect, onTestFinished, test } from 'vitest'
import { settle } from '../../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../../runtime/test/support/until.js'
import {
  MAX_WINDOW_BYTES,
  ReceiveWindow,
  type ReceiveWindowOptions
} from '../../../../src/native/receive-window/receive-window.js'
import { type FakeUdxOptions, fakeUdx } from '../../../support/fake-udx.js'

const KIB = 1024
const SMALL_BYTES = 256 * KIB

interface Setup extends Partial<ReceiveWindowOptions> {
  udx?: FakeUdxOptions
  /** Before there is a window. */
  early?: number
}

/** A stream with a window and a reader. */
async function windowed({ udx: udxOptions, early = 0, ...options }: Setup = {}) {
  let nowMs = 0
  let overflows = 0
  const udx = fakeUdx(udxOptions)
  const stream = udx.createStream(3)
  onTestFinished(() => {
    stream.destroy()
  })
  stream.on('data', () => {})
  stream.pause()
  if (early > 0) stream.push(new Uint8Array(early))
  const onOverflow = () => overflows++
  const window = new ReceiveWindow(stream, {
    maxHeldBytes: 8 * MAX_WINDOW_BYTES,
    onOverflow,
    now: () => nowMs,
    ...options
  })
  // Listening makes a stream flow.
  stream.pause()
  await until('the trial to end', () => udx.openSockets === 0 && udx.streams.size === 1)
  await settle()
  return {
    stream,
    window,
    overflows: () => overflows,
    arrive: (bytes: number) => stream.push(new Uint8Array(bytes)),
    /** Reads all that waits, after a while. */
    read: async (afterMs = 1000) => {
      nowMs += afterMs
      stream.resume()
      await settle()
      stream.pause()
    }
  }
}

test('what arrived and was not read is taken off the window, and given back when it is read', async () => {
  const { arrive, read, stream, window } = await windowed()
  expect([window.isEffective, stream.windowBytes]).toEqual([true, SMALL_BYTES])
  arrive(100 * KIB)
  expect([window.heldBytes, stream.windowBytes]).toEqual([100 * KIB, 156 * KIB])
  arrive(200 * KIB)
  expect([window.heldBytes, stream.windowBytes], 'never below 0').toEqual([300 * KIB, 0])
  await read()
  expect([window.heldBytes, stream.windowBytes]).toEqual([0, SMALL_BYTES])
})

test('the window grows with what is read in a round trip, up to that of UDX', async () => {
  const { arrive, read, stream } = await windowed()
  for (let i = 0; i < 20; i++) {
    arrive(stream.windowBytes)
    await read(10)
  }
  expect(stream.windowBytes).toBe(MAX_WINDOW_BYTES)
})

test('a sender that may be waiting is told by one message, and only when half of the window is free', async () => {
  const { arrive, read, stream } = await windowed()
  const before = stream.messages
  arrive(100 * KIB)
  await read()
  expect(stream.messages, 'the sender knew of more than half').toBe(before)
  arrive(SMALL_BYTES)
  arrive(SMALL_BYTES)
  expect(stream.messages).toBe(before)
  await read()
  expect(stream.messages).toBe(before + 1)
})

test('a reader that takes little by little does not tell the sender each time', async () => {
  const { arrive, stream } = await windowed()
  const packets = SMALL_BYTES / KIB
  for (let i = 0; i < packets; i++) arrive(KIB)
  const before = stream.messages
  let read = 0
  stream.on('data', () => {
    if (++read <= packets / 2 - 1) expect(stream.messages).toBe(before)
  })
  stream.resume()
  await settle()
  expect([read, stream.messages - before]).toEqual([packets, 1])
})

test('limitBytes makes the window smaller, and larger again, of which the sender is told', async () => {
  const { stream, window } = await windowed()
  expect(window.limitBytes).toBe(MAX_WINDOW_BYTES)
  window.limitBytes = 16 * KIB
  expect(stream.windowBytes).toBe(16 * KIB)
  window.limitBytes = 0
  expect(stream.windowBytes).toBe(0)
  window.limitBytes = MAX_WINDOW_BYTES
  expect(stream.windowBytes).toBe(SMALL_BYTES)
})

test('a sender that stopped at a lower limit is told when the limit is lifted', async () => {
  const { arrive, read, stream, window } = await windowed()
  window.limitBytes = 16 * KIB
  arrive(16 * KIB)
  window.limitBytes = 0
  await read()
  const before = stream.messages
  expect(stream.windowBytes).toBe(0)
  window.limitBytes = MAX_WINDOW_BYTES
  expect([stream.windowBytes, stream.messages - before]).toEqual([SMALL_BYTES, 1])
})

test('a sender that ignores the window overflows at the limit, not before', async () => {
  const { arrive, overflows } = await windowed({ maxHeldBytes: 512 * KIB })
  arrive(512 * KIB)
  expect(overflows()).toBe(0)
  arrive(1)
  expect(overflows()).toBe(1)
})

test('without a window, the bytes are counted all the same', async () => {
  const { arrive, overflows, read, stream, window } = await windowed({ udx: { windowWords: [] }, maxHeldBytes: KIB })
  expect(window.isEffective).toBe(false)
  arrive(2 * KIB)
  expect([window.heldBytes, overflows(), stream.messages]).toEqual([2 * KIB, 1, 0])
  await read()
  expect([window.heldBytes, stream.windowBytes, stream.messages]).toEqual([0, 0, 0])
})

test('what waited before there was a window does not make the count negative', async () => {
  const { arrive, read, stream, window } = await windowed({ early: 100 * KIB })
  await read()
  expect([window.heldBytes, stream.windowBytes]).toEqual([0, SMALL_BYTES])
  arrive(10 * KIB)
  expect(window.heldBytes).toBe(10 * KIB)
})

test('the end of the stream passes', async () => {
  const { arrive, read, stream, window } = await windowed()
  let hasEnded = false
  stream.on('end', () => {
    hasEnded = true
  })
  arrive(KIB)
  stream.push(null)
  await read()
  expect([hasEnded, window.heldBytes]).toEqual([true, 0])
})
