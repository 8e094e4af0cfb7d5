import { expect, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { encodeFrame, FRAME, type InputPace, Link, ProxyError } from '../../../src/index.js'
import { encodePing } from '../../../src/wire/link-frames.js'
import { wire } from '../../support/helpers.js'
import { linkPair as pair, Recorder } from '../../support/link-pair.js'

// Pings are answered before the greeting too, and so a stranger could send any number of frames.
test('a stranger that sends more than the limit of its input loses its link, and lifting the limit lets it go on', async () => {
  const { a, b } = pair()
  b.limitInput(100)
  a.send(encodeFrame(0x30, new Uint8Array(95)))
  await until(() => b.bytesIn === 100)
  b.limitInput(null)
  a.send(encodeFrame(0x30, new Uint8Array(95)))
  await until(() => b.bytesIn === 200)
  expect(b.error).toBe(null)
  b.limitInput(209)
  a.send(encodePing(FRAME.PING, 1))
  a.send(encodePing(FRAME.PING, 2))
  expect((await b.closed).code).toBe('LIMIT')
})

/** A pace that allows so much, and then makes the link wait until `open` is called. */
function paceOf(allowed: number) {
  const waiting = new Set<() => void>()
  const state = { left: allowed, taken: [] as number[], waiting }
  const pace: InputPace = {
    take: (cost) => {
      state.taken.push(cost)
      state.left -= cost
      return state.left >= 0
    },
    wait: (onTurn) => void waiting.add(onTurn),
    end: () => waiting.clear()
  }
  return { pace, state }
}

test('a link that is paced reads no further until it may, and loses nothing', async () => {
  const { pace, state } = paceOf(10)
  const { b, ends } = { b: new Recorder(), ends: wire() }
  const [a, link] = [new Link(ends[0]), new Link(ends[1], b, { pace })]
  a.send(encodePing(FRAME.PING, 1))
  await until(() => state.taken.length === 1)
  // The chunk, and a ping.
  expect(state.taken).toEqual([2])
  for (const [i, type] of [FRAME.REQUEST, FRAME.STREAM_DATA, FRAME.NOTIFY].entries()) {
    a.send(encodeFrame(type, new Uint8Array(i)))
    a.flush()
    await turns()
  }
  expect(b.frames).toEqual([[FRAME.REQUEST, 0]])
  expect(state.waiting.size).toBe(1)
  state.left = 1000
  const [onTurn] = state.waiting
  state.waiting.clear()
  onTurn?.()
  await until(() => b.frames.length === 3)
  expect(state.waiting.size).toBe(0)
  link.destroy()
  a.destroy()
})

test('the end of a link that waits for its turn is seen, and it waits no longer', async () => {
  const { pace, state } = paceOf(0)
  const ends = wire()
  const [a, link] = [new Link(ends[0]), new Link(ends[1], null, { pace })]
  a.send(encodePing(FRAME.PING, 1))
  await until(() => state.waiting.size === 1)
  link.close(new ProxyError('DESTROYED', 'over'))
  expect(state.waiting.size).toBe(0)
  expect((await a.closed).code).toBe('DESTROYED')
})

test('a duplex that cannot be paused is read as it comes', async () => {
  const { pace, state } = paceOf(0)
  const ends = wire()
  Object.assign(ends[1], { pause: undefined })
  const [a, b] = [new Link(ends[0]), new Recorder()]
  const link = new Link(ends[1], b, { pace })
  for (let i = 0; i < 3; i++) {
    a.send(encodeFrame(FRAME.NOTIFY, new Uint8Array(i)))
    a.flush()
  }
  await until(() => b.frames.length === 3)
  expect(state.waiting.size).toBe(0)
  link.destroy()
  a.destroy()
})
