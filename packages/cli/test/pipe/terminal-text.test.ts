import { expect, test } from 'vitest'
import { TerminalText } from '../../src/pipe/terminal-text.js'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['\x1b]0;title taken over\x07\x1b[2J\x1b[31mred', '^[]0;title taken over^G^[[2J^[[31mred'],
  ['one\r\ntwo\tthree\n', 'one\ntwo\tthree\n'],
  ['balance: 1\rbalance: 9', 'balance: 1^Mbalance: 9'],
  ['c1: \u009b2J', 'c1: \ufffd2J'],
  ['txt.\u202eexe', 'txt.\ufffdexe'],
  ['naïve ☕', 'naïve ☕']
])('%j is shown as %j', (sent, shown) => {
  expect(new TerminalText().show(bytes(sent))).toBe(shown)
})

test('letters that are split between two pieces are whole', () => {
  const text = new TerminalText()
  const [a, b] = [bytes('☕').subarray(0, 2), bytes('☕').subarray(2)]
  expect([text.show(a), text.show(b)]).toEqual(['', '☕'])
})

test.each([[[0x00]], [[0xff, 0xd8, 0xff, 0xe0]], [[0x41, 0xc3, 0x28]]])('%j is binary', (sent) => {
  expect(new TerminalText().show(new Uint8Array(sent))).toBeNull()
})
