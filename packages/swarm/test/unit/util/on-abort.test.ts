import { expect, test } from 'vitest'
import { onAbort } from '../../../src/util/on-abort.js'

test('all who wait are called once, but for those who stopped', () => {
  const abort = new AbortController()
  const called: string[] = []
  onAbort(abort.signal, () => called.push('one'))
  const stop = onAbort(abort.signal, () => called.push('stopped'))
  onAbort(abort.signal, () => called.push('two'))
  stop()
  stop()
  abort.abort()
  expect(called).toEqual(['one', 'two'])
})

test('without a signal nothing happens', () => {
  onAbort(undefined, () => expect.unreachable())()
})
