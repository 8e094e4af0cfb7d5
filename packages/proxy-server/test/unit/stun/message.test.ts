import b4a from 'b4a'
import { expect, test } from 'vitest'
import { answerBinding } from '../../../src/stun/message.js'

/** Of the test vectors in RFC 5769. */
const ID = 'b7e7a701bc34d686fa87dfae'
const REQUEST = b4a.from(`000100002112a442${ID}`, 'hex')

function answerTo(message: Uint8Array, address: string, port = 32_853): string | null {
  const answer = answerBinding(message, { address, port })
  return answer && b4a.toString(answer, 'hex')
}

test('the answer is what RFC 5769 has for these addresses', () => {
  const header = `0101000c2112a442${ID}`
  expect(answerTo(REQUEST, '192.0.2.1')).toBe(`${header}002000080001a147e112a643`)
  expect(answerTo(REQUEST, '::ffff:192.0.2.1')).toBe(`${header}002000080001a147e112a643`)
  const long = `010100182112a442${ID}`
  const value = '0002a1470113a9faa5d3f179bc25f4b5bed2b9d9'
  expect(answerTo(REQUEST, '2001:db8:1234:5678:11:2233:4455:6677')).toBe(`${long}00200014${value}`)
})

test('attributes of a request are ignored, and make the answer no longer', () => {
  const withSoftware = b4a.concat([b4a.from(`000100082112a442${ID}`, 'hex'), b4a.from('8022000474657374', 'hex')])
  expect(answerTo(withSoftware, '192.0.2.1')).toBe(answerTo(REQUEST, '192.0.2.1'))
})

test.each([
  ['nothing', ''],
  ['too short', `000100002112a442${ID}`.slice(0, -2)],
  ['a response', `010100002112a442${ID}`],
  ['another method', `000300002112a442${ID}`],
  ['another cookie', `000100002112a443${ID}`],
  ['a length that is not there', `000100042112a442${ID}`],
  ['a length that is too small', `000100002112a442${ID}00000000`],
  ['too long', `000102082112a442${ID}${'00'.repeat(0x208)}`.padEnd(1200, '0')]
])('what is not a request gets no answer: %s', (_, hex) => {
  expect(answerTo(b4a.from(hex, 'hex'), '192.0.2.1')).toBeNull()
})

test('a sender that cannot be answered gets no answer', () => {
  expect([answerTo(REQUEST, 'example'), answerTo(REQUEST, '192.0.2.1', 0)]).toEqual([null, null])
})
