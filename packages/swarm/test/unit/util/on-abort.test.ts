import { expect, test } from 'vitest'
import { onAbort } from '../../../src/util/on-abort.js'

test('all waiting callbacks are called once, except those that were removed', () => {
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
