/** What `direct` may be. A misspelt key was ignored, so that with `{ policies: 'relay' }` peers saw an address they should not. */
import { expect, test } from 'vitest'
import { settleDirect } from '../../../../src/paths/direct/options.js'
import { FakeRtcNet } from '../../../support/fake-rtc.js'

const { rtc } = new FakeRtcNet()

test.each<[unknown, string, string]>([
  [true, 'direct must be false, or an object with any of iceServers, ', 'got true'],
  [[], 'direct must be false, or an object ', 'got an array of 0'],
  [null, 'direct must be false, or an object ', 'got null'],
  [() => true, 'direct must be false, or an object ', 'got a function'],
  [{ rtc, policies: 'relay' }, 'direct.policies must be one of iceServers, policy, rtc, ', 'got "relay"'],
  [{ rtc, constructor: 1 }, 'direct.constructor must be one of ', 'got 1'],
  [{ rtc, policy: 'turn' }, "direct.policy must be 'all' or 'relay'", 'got "turn"'],
  [{ rtc, iceServers: 'stun:a' }, 'direct.iceServers must be an array', 'got "stun:a"'],
  [
    { rtc, iceServers: [{ urls: 'stun:a' }, {}] },
    'direct.iceServers[1] must be an object with urls, one or several such as ',
    'got an object'
  ],
  [{ rtc, iceServers: ['stun:a'] }, 'direct.iceServers[0] must be an object with urls', 'got "stun:a"'],
  [{ rtc, localAddresses: 1 }, 'direct.localAddresses must be a boolean', 'got 1'],
  [{ rtc, share: null }, 'direct.share must be a boolean', 'got null'],
  [{ rtc, allow: true }, 'direct.allow must be a function', 'got true'],
  [{ rtc: {} }, 'direct.rtc must be an object with RTCPeerConnection, in Node the module ', 'got an object'],
  [{}, 'direct.rtc must be an object with RTCPeerConnection, in Node the module ', 'got an object']
])('%j is refused by name', (direct, expected, got) => {
  const message = expect.stringMatching(new RegExp(`^${escaped(expected)}.*, ${escaped(got)}$`))
  expect(() => settleDirect(direct)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }))
})

test('options that are undefined have their defaults', () => {
  const given = { rtc, iceServers: undefined, policy: undefined, share: undefined, allow: undefined }
  expect(settleDirect(given)).toMatchObject({ iceServers: [], policy: 'all', share: true, localAddresses: false })
  expect(settleDirect({ rtc, policy: 'relay' })).toMatchObject({ share: false })
})

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
