import b4a from 'b4a'
import { expect, test } from 'vitest'
import { decodeControl } from '../../../src/paths/control.js'

const decode = (text: string) => decodeControl(b4a.from(text))

// A ping with a text was taken for a signal, and a long member that nobody asked for was kept with one.
test('a message has the members of its type, and no others', () => {
  expect(decode('{"type":"ping","text":null}')).toEqual({ type: 'ping' })
  const signal = { type: 'ask', attempt: 1, index: 0, text: 'x' }
  expect(decode(JSON.stringify({ ...signal, more: [{}] }))).toEqual(signal)
})

test.each(['{"type":["ask"],"attempt":1,"index":0,"text":""}', '{"type":"toString"}', '{}', '5', '[]'])(
  '%s is of a type that is not known',
  (text) => {
    expect(decode(text)).toEqual({ type: 'unknown' })
  }
)
