import { expect, test } from 'vitest'
import { generateCode } from '../../src/send/code.js'
import { parseCode } from '../../src/send/code-words.js'

test('codes are five words, and no two are alike', () => {
  const codes = Array.from({ length: 50 }, generateCode)
  for (const code of codes) expect(parseCode(code)).toBe(code)
  expect(new Set(codes).size).toBe(codes.length)
})

test.each([
  'Abandon Ability able about above',
  ' abandon--ability.able,about\tabove\n',
  'aban abil able abou abov',
  'abando-abili-able-about-above',
  'https://proxy.example/#abandon-ability-able-about-above'
])('%j is read as it was meant', (typed) => {
  expect(parseCode(typed)).toBe('abandon-ability-able-about-above')
})

test.each([
  ['', 'this is 0 words'],
  ['abandon', 'this is 1 word'],
  ['abandon-ability-able-about-above-absent', 'this is 6 words'],
  ['abandon-ability-able-about-abouf', '"abouf" is not a word of a code'],
  ['abandon-ability-able-about-abo', '"abo" is not a word of a code']
])('%j is not a code', (typed, message) => {
  expect(() => parseCode(typed)).toThrow(message)
})

test('a word with a typing error leads to the word that was meant', () => {
  const hintOf = () => {
    try {
      return parseCode('abandon-ability-able-about-abuve')
    } catch (error) {
      return (error as { hint?: string }).hint
    }
  }
  expect(hintOf()).toContain('above')
})

// Only the bare code and a link could be pasted.
test.each([
  [
    'the command that the sender shows',
    'swarmway receive abandon-ability-able-about-above --proxy wss://a-b-c-d-e.example'
  ],
  [
    'the line with the link',
    'Or in a browser: https://my-own-host-of-files.example/#abandon-ability-able-about-above (that'
  ],
  ['a sentence', 'The code is: Abandon-Ability-Able-About-Above.']
])('%s can be pasted', (_what, text) => {
  expect(parseCode(text)).toBe('abandon-ability-able-about-above')
})

test('more words than a code has are not a code', () => {
  expect(() => parseCode('abandon-ability-able-about-above-absent')).toThrow('this is 6 words')
})
