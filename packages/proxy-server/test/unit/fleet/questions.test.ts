import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns } from '../../../../runtime/test/support/until.js'
import { createAbort } from '../../../src/client/abort.js'
import { Questions } from '../../../src/fleet/questions.js'

const { signal: never } = createAbort()

/** A client that dialled keys nobody has made the server ask the whole fleet for each key at once, before anybody else. */
test('a bounded number of keys is asked about at once, and another network has its turn before the crowd', async () => {
  const clock = new FakeClock()
  const questions = new Questions(clock)
  const crowd = { network: '192.0.2.1' }
  let open = 0
  let most = 0
  const watch = () => {
    most = Math.max(most, ++open)
    return () => void open--
  }
  const asked = Array.from({ length: 200 }, () => questions.ask(crowd, never, watch))
  let isHonestAsked = false
  const honest = questions.ask({ network: '203.0.113.5' }, never, (onTold) => {
    isHonestAsked = true
    onTold()
    return () => {}
  })
  await turns(3)
  expect([open, isHonestAsked]).toEqual([32, false])
  // The answers that do not come free the first places.
  await clock.advance(1000)
  await honest
  expect([most, isHonestAsked]).toEqual([32, true])
  for (let i = 0; i < 10; i++) await clock.advance(1000)
  await Promise.all(asked)
  expect([open, clock.liveTimers]).toEqual([0, 0])
})

test('a dial that is given up ends its question, or leaves the line', async () => {
  const clock = new FakeClock()
  const questions = new Questions(clock)
  const dial = new AbortController()
  let isOpen = false
  const watch = () => {
    isOpen = true
    return () => {
      isOpen = false
    }
  }
  const asked = questions.ask({ network: '192.0.2.1' }, dial.signal, watch)
  await turns(3)
  expect(isOpen).toBe(true)
  dial.abort()
  await asked
  expect([isOpen, clock.liveTimers]).toEqual([false, 0])
  await expect(questions.ask({ network: '192.0.2.1' }, dial.signal, watch)).rejects.toMatchObject({ code: 'ABORTED' })
})
