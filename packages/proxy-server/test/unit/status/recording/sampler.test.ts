import type { MonotonicMs } from '@swarmway/swarm/core'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import type { Snapshot } from '../../../../src/status/index.js'
import { Sampler } from '../../../../src/status/recording/sampler.js'
import { figures } from '../../../support/status/figures.js'

function sampled(snapshot: () => Snapshot | Promise<Snapshot>) {
  const clock = new FakeClock()
  const taken: [at: number, clients: number][] = []
  const onSnapshot = (at: MonotonicMs, { clients }: Snapshot) => taken.push([at, clients])
  const sampler = new Sampler({ source: { snapshot }, clock, intervalMs: 1000, onSnapshot })
  return { clock, sampler, taken }
}

test('a snapshot is requested at once, and again an interval after the answer', async () => {
  const { clock, taken } = sampled(() => figures())
  await clock.advance(0)
  await clock.advance(2000)
  expect(taken.map(([at]) => at)).toEqual([0, 1000, 2000])
})

test('a source that throws, rejects or never answers loses only that moment', async () => {
  let calls = 0
  const { clock, taken } = sampled(() => {
    calls++
    if (calls === 1) throw new Error('thrown')
    if (calls === 2) return Promise.reject(new Error('rejected'))
    if (calls === 3) return new Promise(() => {})
    return figures({ clients: calls })
  })
  await clock.advance(0)
  await clock.advance(4000)
  expect(taken).toEqual([[4000, 4]])
})

test('a late answer is not mistaken for the next one', async () => {
  const answers: ((snapshot: Snapshot) => void)[] = []
  const { clock, taken } = sampled(() => new Promise((resolve) => answers.push(resolve)))
  await clock.advance(2000)
  expect(answers).toHaveLength(2)
  answers[0]?.(figures({ clients: 1 }))
  await clock.advance(10)
  answers[1]?.(figures({ clients: 2 }))
  await clock.advance(0)
  expect(taken).toEqual([[2010, 2]])
})

test('after destroy an answer is ignored, and no timer is left', async () => {
  const answers: ((snapshot: Snapshot) => void)[] = []
  const { clock, sampler, taken } = sampled(() => new Promise((resolve) => answers.push(resolve)))
  await clock.advance(0)
  sampler.destroy()
  answers[0]?.(figures())
  await clock.advance(10_000)
  expect([taken, clock.liveTimers, answers.length]).toEqual([[], 0, 1])
})
