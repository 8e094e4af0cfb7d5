/** The list of servers that an application gives. */
import { ProxyError } from '@swarmway/proxy-protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { type Connect, ProxyClient } from '../../../src/index.js'
import { websocket } from '../../../src/transports/websocket.js'

const GOOD = 'wss://one.example/swarm'

// `ws://[` was accepted, and each attempt at it failed, for ever.
test.each(['', 'one.example', 'https://one.example', 'ws://', 'ws://[', 'ws://a:99999', 'wss://a b', 5])(
  'one URL that is invalid, %j, is refused, wherever it is in the list',
  (url) => {
    for (const urls of [[url], [GOOD, url], [url, GOOD]])
      expect(() => websocket(...(urls as string[]))).toThrow(/url must be a ws:\/\/ or wss:\/\/ URL/)
  }
)

// `websocket(url1, new URL(url2))` took the second one for options, and never tried it.
test.each([new URL(GOOD), [GOOD]])('%s in place of a text is refused', (url) => {
  for (const urls of [[url], [GOOD, url]])
    expect(() => websocket(...(urls as string[]))).toThrow(/url must be a ws:\/\/ or wss:\/\/ URL, got an/)
})

test('a URL that is given twice counts once, and the order stays', () => {
  const urls = ['ws://a.example', GOOD, 'ws://a.example', 'ws://b.example', GOOD]
  expect(websocket(...urls).map(({ url }) => url)).toEqual(['ws://a.example', GOOD, 'ws://b.example'])
})

describe('a function connect that is given twice', () => {
  const twice = (connect: Connect) => {
    const clock = new FakeClock()
    const client = new ProxyClient({ connect: [connect, connect], clock, random: () => 1 })
    onTestFinished(() => client.destroy())
    const retries: (number | null)[] = []
    client.on('disconnected', ({ retryMs }) => retries.push(retryMs))
    return { clock, retries }
  }

  // The second of the two was tried although the server had said that its answer was final.
  test('is not tried again after a final refusal', async () => {
    const banned = new ProxyError('AUTH_DENIED', 'banned', { retryable: false })
    const { clock, retries } = twice(() => Promise.reject(banned))
    await clock.advance(600_000)
    expect(retries).toEqual([null])
  })

  test('is tried as rarely as one', async () => {
    const { clock, retries } = twice(() => Promise.reject(new Error('down')))
    await clock.advance(4000)
    expect(retries).toEqual([500, 1000, 2000, 4000])
  })
})
