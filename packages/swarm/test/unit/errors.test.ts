import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codeOf, invalidArgument, SwarmError } from '../../src/errors.js'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const union = read('../../src/errors.ts').match(/type SwarmErrorCode =([^/]*)/)?.[1] ?? ''
const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1] ?? '')

test('the codes are read from the source', () => {
  expect(codes).toContain('INVALID_ARGUMENT')
  expect(codes.length).toBeGreaterThan(8)
})

test.each(codes)('%s is in docs/errors.md', (code) => {
  expect(read('../../../../docs/errors.md')).toContain(`\`${code}\``)
})

test('an error has its code, a message that begins with it, and its cause', () => {
  const cause = new Error('why')
  const error = new SwarmError('BANNED', 'the peer is banned', { cause })
  expect(error).toMatchObject({ name: 'SwarmError', code: 'BANNED', message: 'BANNED: the peer is banned', cause })
})

test.each([
  [new Uint8Array(3), '3 bytes'],
  ['text', '"text"'],
  ['x'.repeat(100), `"${'x'.repeat(40)}..."`],
  [[1, 2], 'an array of 2'],
  [() => {}, 'a function'],
  [{}, 'an object'],
  [null, 'null'],
  [Number.NaN, 'NaN']
])('an argument error says what it got: %s', (got, described) => {
  const error = invalidArgument('thing', 'a thing', got)
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: `thing must be a thing, got ${described}` })
})

test('codeOf takes any thrown value', () => {
  expect(codeOf(new SwarmError('SELF', 'x'), 'fallback')).toBe('SELF')
  for (const thrown of [null, 'text', new Error('x'), { code: 7 }]) expect(codeOf(thrown, 'fallback')).toBe('fallback')
})
