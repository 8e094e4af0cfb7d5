import { expect, test } from 'vitest'
import { settle } from '../../../../runtime/test/support/fake-clock.js'
import { fc } from '../../../../runtime/test/support/properties.js'
import { type Job, type QueryKind, QueryScheduler } from '../../../src/discovery/scheduler.js'

/** A scheduler with tasks that end when the test says so. */
function setUp(maxInFlight: number) {
  const scheduler = new QueryScheduler(maxInFlight)
  const begun: string[] = []
  const endings = new Map<string, (error?: Error) => void>()
  const schedule = (kind: QueryKind, name: string): Job =>
    scheduler.schedule(kind, () => {
      begun.push(name)
      return new Promise((resolve, reject) => {
        endings.set(name, (error) => (error ? reject(error) : resolve()))
      })
    })
  const end = async (name: string, error?: Error) => {
    endings.get(name)?.(error)
    endings.delete(name)
    await settle()
  }
  return { scheduler, begun, endings, schedule, end }
}

test('no more than the limit run at once, and all run eventually', async () => {
  const kinds = fc.constantFrom<QueryKind>('join', 'leave', 'relookup', 'refresh')
  const work = fc.array(fc.record({ kind: kinds, isCancelled: fc.boolean() }), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(work, fc.integer({ min: 1, max: 6 }), async (jobs, bound) => {
      const { scheduler, begun, endings, schedule, end } = setUp(bound)
      const all = jobs.map(({ kind, isCancelled }, i) => {
        const job = schedule(kind, String(i))
        if (isCancelled) job.cancel()
        return job.done
      })
      while (endings.size > 0) {
        expect(scheduler.inFlight).toBe(endings.size)
        expect(scheduler.inFlight).toBeLessThanOrEqual(bound)
        const [first = ''] = endings.keys()
        await end(first)
      }
      await Promise.all(all)
      expect([scheduler.queued, scheduler.inFlight]).toEqual([0, 0])
      const waited = jobs.filter(({ isCancelled }, i) => !isCancelled || begun.includes(String(i)))
      expect(begun).toHaveLength(waited.length)
    }),
    { numRuns: 50 }
  )
})

test('fresh joins go first, then leaves, re-lookups and refreshes', async () => {
  const { begun, schedule, end } = setUp(1)
  schedule('join', 'running')
  for (const kind of ['refresh', 'relookup', 'leave', 'join'] as const) schedule(kind, kind)
  for (const name of ['running', 'join', 'leave', 'relookup', 'refresh']) await end(name)
  expect(begun).toEqual(['running', 'join', 'leave', 'relookup', 'refresh'])
})

// Without a limit for background work, 1000 refreshes at once make a new topic wait for one of them to end.
test('refreshes leave places free, so that a fresh join begins at once', () => {
  const { scheduler, begun, schedule } = setUp(6)
  for (let i = 0; i < 1000; i++) schedule(i % 2 ? 'refresh' : 'relookup', `background ${i}`)
  expect(scheduler.inFlight).toBe(3)
  expect(scheduler.queued).toBe(997)
  schedule('join', 'fresh')
  expect(begun.at(-1)).toBe('fresh')
})

test('half of the places are for announces that cannot store yet, and with one place there is none for them', () => {
  const scheduler = new QueryScheduler(4)
  const [first, second] = [scheduler.takeEarly(), scheduler.takeEarly()]
  expect(scheduler.takeEarly()).toBeNull()
  first?.()
  first?.()
  expect(scheduler.takeEarly()).not.toBeNull()
  expect(scheduler.takeEarly()).toBeNull()
  second?.()
  expect(scheduler.takeEarly()).not.toBeNull()
  expect(new QueryScheduler(1).takeEarly()).toBeNull()
})

test('with one place, background work runs too', () => {
  const { begun, schedule } = setUp(1)
  schedule('refresh', 'refresh')
  expect(begun).toEqual(['refresh'])
})

test('a job cancelled while it waits never runs and is done; a running one is left alone', async () => {
  const { scheduler, begun, schedule, end } = setUp(1)
  const running = schedule('join', 'running')
  const waiting = schedule('join', 'waiting')
  waiting.cancel()
  await waiting.done
  running.cancel()
  expect(scheduler.inFlight).toBe(1)
  await end('running')
  await running.done
  expect(begun).toEqual(['running'])
})

test('a failing task fails its job, and the next one gets its place', async () => {
  const { begun, schedule, end } = setUp(1)
  const failing = schedule('join', 'failing')
  const failed = expect(failing.done).rejects.toThrow('broken')
  schedule('join', 'next')
  await end('failing', new Error('broken'))
  await failed
  expect(begun).toEqual(['failing', 'next'])
})

// A node that throws instead of rejecting would leave the job unsettled forever and end the process.
test('a task that throws synchronously fails its job', async () => {
  const scheduler = new QueryScheduler(1)
  const job = scheduler.schedule('leave', () => {
    throw new Error('thrown')
  })
  await expect(job.done).rejects.toThrow('thrown')
  await settle()
  expect(scheduler.inFlight).toBe(0)
})
