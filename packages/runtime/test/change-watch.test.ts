import { expect, test } from 'vitest'
import { ChangeWatch } from '../src/index.js'
import { FakeClock } from './support/fake-clock.js'

function setUp() {
  const clock = new FakeClock()
  const state: { text: string | null; looks: number } = { text: 'one', looks: 0 }
  const watch = new ChangeWatch(() => {
    state.looks++
    return state.text
  })
  return { clock, state, watch }
}

test('each change is reported once, to everybody, by one look', async () => {
  const { clock, state, watch } = setUp()
  const heard = { first: 0, second: 0 }
  const stops = [watch.watch(clock, () => heard.first++), watch.watch(clock, () => heard.second++)]
  await clock.advance(4000)
  expect([heard, state.looks]).toEqual([{ first: 0, second: 0 }, 11])
  state.text = 'two'
  await clock.advance(4000)
  expect(heard).toEqual({ first: 1, second: 1 })
  stops[0]?.()
  stops[0]?.()
  state.text = 'three'
  await clock.advance(400)
  expect(heard).toEqual({ first: 1, second: 2 })
  stops[1]?.()
  expect(clock.liveTimers).toBe(0)
})

test('both texts are passed on, the last known one if there was a time without', async () => {
  const { clock, state, watch } = setUp()
  const heard: string[] = []
  const stop = watch.watch(clock, (before, after) => heard.push(`${before} ${after}`))
  for (const text of ['two', null, 'two', null, 'three']) {
    state.text = text
    await clock.advance(400)
  }
  stop()
  expect(heard).toEqual(['one two', 'two three'])
})

test('what happens while nobody watches is not reported later', async () => {
  const { clock, state, watch } = setUp()
  watch.watch(clock, () => {})()
  state.text = 'two'
  let changes = 0
  const stop = watch.watch(clock, () => changes++)
  await clock.advance(4000)
  stop()
  expect(changes).toBe(0)
})

test('where nothing is known, nothing is looked at', async () => {
  const { clock, state, watch } = setUp()
  state.text = null
  const stop = watch.watch(clock, () => {})
  await clock.advance(60_000)
  expect([state.looks, clock.liveTimers]).toEqual([1, 0])
  stop()
})
