import { expect, test } from 'vitest'
import { openKit } from '../support/kit.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'

const kit = await openKit('bun')

test.skipIf(kit.isMissing)('Bun: the proxy client', async () => {
  const { heard, url } = await startMeeting()
  expect(await kit.run('bun', ['program.js', url, 'bun'])).toBe(ANSWER)
  expect(heard).toEqual(['hello from bun'])
})

test.skipIf(kit.isMissing)('Bun: the native swarm is refused with a code', async () => {
  // udx-native used to end the process: "unsupported uv function: uv_interface_addresses".
  expect((await kit.run('bun', ['native.js'])).split('\n')).toEqual([
    expect.stringMatching(/^UNSUPPORTED_RUNTIME .*Bun.*ProxyClient/),
    expect.stringMatching(/^UNSUPPORTED_RUNTIME .*Bun/),
    'a server without a DHT is made'
  ])
})
