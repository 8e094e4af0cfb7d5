import { expect, test } from 'vitest'
import { settle } from '../../../../runtime/test/support/fake-clock.js'
import { fc } from '../../../../runtime/test/support/properties.js'
import { Suspension } from '../../../src/swarm/suspension.js'

/** A target whose steps end when the test says so, and that notices overlapping steps. */
function setUp() {
  const steps: string[] = []
  let end: ((error?: Error) => void) | null = null
  let isSuspended = false
  const step = (name: string, suspended: boolean) => () => {
    expect(end, 'two steps at once').toBeNull()
    expect(isSuspended, 'a step that changes nothing').toBe(!suspended)
    steps.push(name)
    return new Promise<void>((resolve, reject) => {
      end = (error) => {
        end = null
        isSuspended = suspended
        if (error) reject(error)
        else resolve()
      }
    })
  }
  const suspension = new Suspension({
    doSuspend: step('suspend', true),
    doResume: step('resume', false),
    onResumed: () => steps.push('resumed')
  })
  const endStep = async (error?: Error) => {
    end?.(error)
    await settle()
  }
  return { suspension, steps, endStep, end: () => end?.(), isBusy: () => end !== null, isSuspended: () => isSuspended }
}

test('any interleaving of suspend and resume ends in the state that was asked for last', async () => {
  const calls = fc.array(fc.constantFrom('suspend', 'resume', 'end a step'), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(calls, async (actions) => {
      const { suspension, endStep, isBusy, isSuspended } = setUp()
      const asked: Promise<void>[] = []
      let last = 'resume'
      for (const action of actions) {
        if (action === 'end a step') await endStep()
        else {
          last = action
          asked.push(action === 'suspend' ? suspension.suspend({}) : suspension.resume({}))
          if (last === 'suspend') expect(suspension.suspended).toBe(true)
        }
      }
      while (isBusy()) await endStep()
      await Promise.all(asked)
      expect(isSuspended()).toBe(last === 'suspend')
      expect(suspension.suspended).toBe(last === 'suspend')
    }),
    { numRuns: 60 }
  )
})

test('suspended is true from the call of suspend until the last step of resume', async () => {
  const { suspension, steps, endStep } = setUp()
  expect(suspension.suspended).toBe(false)
  void suspension.suspend({})
  expect(suspension.suspended).toBe(true)
  await endStep()
  void suspension.resume({})
  expect(suspension.suspended).toBe(true)
  await endStep()
  expect(suspension.suspended).toBe(false)
  expect(steps).toEqual(['suspend', 'resume', 'resumed'])
})

test('the swarm does not become active when suspend is called during resume', async () => {
  const { suspension, steps, endStep } = setUp()
  void suspension.suspend({})
  await endStep()
  void suspension.resume({})
  void suspension.suspend({})
  await endStep()
  await endStep()
  expect(steps).toEqual(['suspend', 'resume', 'suspend'])
  expect(suspension.suspended).toBe(true)
})

test('stop waits for the running step and lets no other begin', async () => {
  const { suspension, steps, endStep } = setUp()
  void suspension.suspend({})
  void suspension.resume({})
  let isStopped = false
  const stopped = suspension.stop().then(() => {
    isStopped = true
  })
  await settle()
  expect(isStopped).toBe(false)
  await endStep()
  await stopped
  expect(steps).toEqual(['suspend'])
})

test('a failing step rejects the call, and later calls work', async () => {
  const { suspension, steps, endStep } = setUp()
  const failed = expect(suspension.suspend({})).rejects.toThrow('broken')
  await endStep(new Error('broken'))
  await failed
  const resumed = suspension.resume({})
  await endStep()
  await resumed
  expect(steps.at(-1)).toBe('resumed')
})

// A call that came a few microtasks after the end of a step was overlooked: the swarm said that it was active, and its
// topics slept for ever.
test.each([0, 1, 2, 3, 4, 5])('resume is heard %i microtasks after a resumption that was called off', async (turns) => {
  const { suspension, steps, end, endStep, isBusy } = setUp()
  void suspension.suspend({})
  await endStep()
  void suspension.resume({})
  void suspension.suspend({})
  end()
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  const resumed = suspension.resume({})
  while (isBusy()) await endStep()
  await resumed
  expect(suspension.suspended).toBe(false)
  expect(steps.at(-1)).toBe('resumed')
})
