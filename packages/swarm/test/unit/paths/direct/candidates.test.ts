import { expect, test } from 'vitest'
import { addressKind, isDataOnly, normalCandidate, splitDescription } from '../../../../src/paths/direct/candidates.js'

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
  ['192.88.99.1', 'local'],
  ['2001:db8::1', 'local'],
  ['2001:4860:4860::8888', 'public'],
  ['localhost', 'none'],
  ['999.1.1.1', 'none'],
  ['8.8.8', 'none'],
  ['8.8.8.8.', 'none'],
  ['0x7f.1', 'none'],
  ['', 'none']
])('%s is %s', (address, kind) => {
  expect(addressKind(`candidate:1 1 UDP 2114977791 ${address} 43513 typ host`)).toBe(kind)
})

// Some of these were taken for the public address that they seem to name, while WebRTC in Node tried the one in our network.
test.each([
  ['candidate:1 1 UDP\t1 10.0.0.1\t9\ttyp\thost 203.0.114.7', 'tabs in place of spaces'],
  ['candidate:1 1 UDP\n1 10.0.0.1\n9\ntyp\nhost 203.0.114.7', 'ends of lines'],
  ['candidate:1 1 UDP 1 203.0.114.7 9 typ host\r\na=candidate:1 1 UDP 1 10.0.0.1 9 typ host', 'a second line'],
  ['candidate:1 1 UDP 1 203.0.114.7\u0000.local 9 typ host', 'a zero byte'],
  ['candidate:1 1 UDP 1 012.0.0.1 9 typ host', 'an octal number, 10.0.0.1'],
  ['candidate:1 1 UDP 1 8.8.8.010 9 typ host', 'an octal number at the end'],
  ['candidate:1 1 UDP 1  203.0.114.7 9 typ host', 'two spaces'],
  ['candidate:1 1 UDP 1 203.0.114.7', 'too few parts'],
  ['1 1 UDP 1 203.0.114.7 9 typ host', 'no name']
])('%j has no address that would be tried: %s', (candidate) => {
  expect(addressKind(candidate)).toBe('none')
})

test.each([
  'candidate:842163049 1 udp 1677729535 8.8.8.8 46154 typ srflx raddr 10.0.0.17 rport 46154 generation 0 ufrag E/t+ network-cost 999',
  'candidate:0 1 TCP 2105458943 8.8.8.8 9 typ host tcptype active',
  'candidate:1 1 UDP 1685855999 8.8.8.8 35403 typ relay raddr 0.0.0.0 rport 0 '
])('%s is as implementations write it', (candidate) => {
  expect(addressKind(candidate)).toBe('public')
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

test.each(['\r\n', '\n'])(
  'a description as browsers and libdatachannel write it has data only, lines ending with %j',
  (end) => {
    const lines = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0']
    const data = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0']
    const audio = ['m=audio 9 UDP/DTLS/RTP 111', 'a=mid:1']
    const verdicts = [lines, [...lines, ...data], [...lines, ...data, ...audio], [...lines, ...data, ...data]].map(
      (all) => isDataOnly(all.join(end) + end)
    )
    expect(verdicts).toEqual([true, true, false, false])
  }
)
