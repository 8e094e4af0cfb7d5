import { expect, test } from 'vitest'
import { addressKind, normalCandidate, splitDescription } from '../../../../src/paths/direct/candidates.js'

test.each([
  ['8.8.8.8', 'public'],
  ['10.1.2.3', 'local'],
  ['127.0.0.1', 'local'],
  ['169.254.1.1', 'local'],
  ['172.16.0.1', 'local'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'local'],
  ['192.0.2.2', 'local'],
  ['192.1.2.2', 'public'],
  ['100.64.0.1', 'local'],
  ['100.128.0.1', 'public'],
  ['198.18.0.1', 'local'],
  ['203.0.113.9', 'local'],
  ['224.0.0.1', 'local'],
  ['255.255.255.255', 'local'],
  ['0.0.0.0', 'local'],
  ['2606:4700::1', 'public'],
  ['fd00::2', 'local'],
  ['fe80::1', 'local'],
  ['::1', 'local'],
  ['::ffff:10.0.0.1', 'local'],
  ['2002:a00:1::', 'local'],
  ['2001:0:a00::', 'local'],
  ['ff02::1', 'local'],
  ['64:ff9b::a00:1', 'local'],
  ['1b8d4d2e-4d2e-4d2e-8d2e-4d2e4d2e4d2e.local', 'name'],
  ['router.lan', 'none'],
  ['localhost', 'none'],
  ['0x7f.1', 'none'],
  ['', 'none']
])('%s is %s', (address, kind) => {
  expect(addressKind(`candidate:1 1 UDP 2114977791 ${address} 43513 typ host`)).toBe(kind)
})

test('a candidate is written as browsers do', () => {
  expect(normalCandidate('a=candidate:1 1 UDP')).toBe('candidate:1 1 UDP')
  expect(normalCandidate('candidate:1 1 UDP')).toBe('candidate:1 1 UDP')
})

test('a description is parted from its candidates, whatever ends its lines', () => {
  expect(splitDescription('v=0\r\na=candidate:1 x\na=mid:0\r\n')).toEqual({
    sdp: 'v=0\r\na=mid:0\r\n',
    candidates: ['candidate:1 x']
  })
})
