import { expect, test } from 'vitest'
import { openKit } from '../support/kit.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'

const kit = await openKit('deno')

test.skipIf(kit.isMissing)('Deno: the proxy client', async () => {
  const { heard, url } = await startMeeting()
  expect(await kit.run('deno', ['run', '--allow-all', 'program.js', url, 'deno'])).toBe(ANSWER)
  expect(heard).toEqual(['hello from deno'])
})

test.skipIf(kit.isMissing)('Deno: the native swarm is refused with a code', async () => {
  // udx-native used to end the process: "undefined symbol: uv_interface_addresses".
  expect((await kit.run('deno', ['run', '--allow-all', 'native.js'])).split('\n')).toEqual([
    expect.stringMatching(/^UNSUPPORTED_RUNTIME .*Deno.*ProxyClient/),
    expect.stringMatching(/^UNSUPPORTED_RUNTIME .*Deno/),
    'a server without a DHT is made'
  ])
})
