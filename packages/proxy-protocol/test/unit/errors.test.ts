/**
 * Each refusal captured a stack, which took ten times as long as the rest of it: 30 clients that sent requests as fast as their
 * lines allowed, nearly all of which were refused, took half of a server's time.
 */
import { afterEach, expect, test } from 'vitest'
import {
  bufferLimit,
  duplexFailed,
  frameTooLarge,
  limitReached,
  linkClosed,
  linkTimeout,
  notAProxy,
  ProxyError,
  protocolError,
  rateLimited,
  versionMismatch,
  withoutStack
} from '../../src/errors.js'

const { stackTraceLimit } = Error

afterEach(() => {
  Error.stackTraceLimit = stackTraceLimit
})

test.each([
  protocolError('a rule'),
  notAProxy(),
  versionMismatch(2, 1),
  frameTooLarge(9, 8),
  limitReached('requests', 8),
  rateLimited('requests', 8),
  bufferLimit('a stream', 8),
  linkTimeout(8),
  linkClosed('it ended')
])('$code of what the other side has done captures no stack', (error) => {
  expect(error.stack).not.toContain(' at ')
})

test('other errors have one, also afterwards', () => {
  withoutStack('LIMIT', 'full')
  expect(new ProxyError('LIMIT', 'full').stack).toContain('errors.test.ts')
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
})

test('it is the same error otherwise', () => {
  const options = { cause: new Error('the reason'), remote: true, retryable: false, retryAfterMs: 5 }
  expect({ ...withoutStack('LIMIT', 'full', options) }).toEqual({ ...new ProxyError('LIMIT', 'full', options) })
  expect(withoutStack('LIMIT', 'full')).toBeInstanceOf(ProxyError)
})

test('what a duplex has failed with keeps its own', () => {
  const { cause } = duplexFailed(new Error('a fault'))
  expect((cause as Error).stack).toContain('errors.test.ts')
})

// Under SES and with --frozen-intrinsics, an assignment throws.
test('where built-in objects are frozen, errors are made all the same', () => {
  const property = { value: 10, writable: false, configurable: true }
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor
  Object.defineProperty(Error, 'stackTraceLimit', property)
  try {
    expect(withoutStack('LIMIT', 'full').code).toBe('LIMIT')
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', before)
  }
})
