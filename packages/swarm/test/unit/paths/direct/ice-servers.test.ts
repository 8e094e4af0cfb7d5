/** Which ICE servers are refused at once: RTCPeerConnection would have thrown them, at each attempt and unseen. */
import { expect, test } from 'vitest'
import { isIceServer } from '../../../../src/paths/direct/ice-servers.js'
import { settleDirect } from '../../../../src/paths/direct/options.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'

const LOGIN = { username: 'a', credential: 'b' }

test.each([
  { urls: 'stun:stun.example' },
  { urls: 'STUN:stun.example:3478' },
  { urls: 'stuns:stun.example:5349' },
  { urls: ['stun:192.0.2.1:3478', 'stun:[2001:db8::1]:3478'] },
  { urls: ['stun:a.example', 'turn:a.example:3478?transport=tcp', 'turns:[2001:db8::1]?transport=udp'], ...LOGIN },
  { urls: 'turn:a.example', ...LOGIN, credentialType: 'password' }
])('%j is taken', (server) => {
  expect(isIceServer(server)).toBe(true)
})

test.each([
  null,
  'stun:stun.example',
  {},
  { url: 'stun:stun.example' },
  { urls: [] },
  { urls: [1] },
  { urls: '' },
  { urls: 'stun.example:3478' },
  { urls: 'https://stun.example' },
  { urls: 'stun://stun.example' },
  { urls: 'stun:' },
  { urls: 'stun:stun.example:0' },
  { urls: 'stun:stun.example:65536' },
  { urls: 'stun:stun.example:port' },
  { urls: 'stun:stun example' },
  { urls: 'stun:2001:db8::1' },
  { urls: 'stun:stun.example?transport=udp' },
  { urls: ['stun:stun.example', 'stun.example'] },
  { urls: 'turn:a.example' },
  { urls: 'turn:a.example', username: 'a' },
  { urls: 'turn:a.example', credential: 'b' },
  { urls: 'turn:a.example?transport=sctp', ...LOGIN },
  { urls: 'turn:user:pass@a.example', ...LOGIN }
])('%j is refused by the call that names it', (server) => {
  const options = { rtc: new FakeRtcNet().rtc, iceServers: [server] }
  expect(() => settleDirect(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('direct.iceServers') })
  )
})
