import { expect, test } from 'vitest'
import { stunUrl } from '../../../src/node/stun-url.js'

test.each([
  ['proxy.example', 3478, 'stun:proxy.example:3478'],
  ['proxy.example:8443', 3478, 'stun:proxy.example:3478'],
  ['192.0.2.1:80', 1, 'stun:192.0.2.1:1'],
  ['[2001:db8::1]:8443', 65_535, 'stun:[2001:db8::1]:65535'],
  ['', 3478, null],
  ['a b', 3478, null],
  ['proxy.example/path', 3478, null],
  ['2001:db8::1', 3478, null],
  ['proxy.example', 0, null],
  ['proxy.example', 65_536, null]
])('a server called %j with STUN at port %i: %j', (name, port, url) => {
  expect(stunUrl(name, port)).toBe(url)
})
