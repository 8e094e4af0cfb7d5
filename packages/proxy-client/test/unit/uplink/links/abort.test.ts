import { afterEach, expect, test, vi } from 'vitest'
import { uncaught } from '../../../../../runtime/test/support/uncaught.js'
import { createAbort } from '../../../../src/uplink/links/abort.js'

afterEach(() => vi.unstubAllGlobals())

test('is that of the platform, where there is one', () => {
  expect(createAbort()).toBeInstanceOf(AbortController)
})

// Bare has no AbortController, and a client in it could not begin a link.
test('does the same where the platform has none', () => {
  vi.stubGlobal('AbortController', undefined)
  const abort = createAbort()
  const heard: string[] = []
  const removed = () => heard.push('removed')
  abort.signal.addEventListener('abort', () => heard.push(`aborted: ${abort.signal.aborted}`))
  abort.signal.addEventListener('abort', removed)
  abort.signal.removeEventListener('abort', removed)
  expect(abort.signal.aborted).toBe(false)
  abort.abort()
  abort.abort()
  expect(heard).toEqual(['aborted: true'])
})

test('calls every listener, even after one that throws', async () => {
  vi.stubGlobal('AbortController', undefined)
  const abort = createAbort()
  let isHeard = false
  abort.signal.addEventListener('abort', () => {
    throw new Error('of a listener')
  })
  abort.signal.addEventListener('abort', () => {
    isHeard = true
  })
  const errors = await uncaught(() => abort.abort())
  expect([isHeard, errors.map(String)]).toEqual([true, ['Error: of a listener']])
})
