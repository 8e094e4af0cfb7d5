/** What answers a WebSocket's upgrade with something else: the code, and when the client tries again. */

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { ProxyError } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import { systemWallClock } from '../../../runtime/src/index.js'
import { ProxyClient } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { answering } from '../support/http.js'

/** Why the first attempt failed, and when the next one is. */
function firstFailure(url: string): Promise<{ error: ProxyError; retryMs: number | null }> {
  const client = new ProxyClient({ connect: websocket(url), random: () => 0 })
  onTestFinished(() => client.destroy())
  return new Promise((resolve) => client.once('disconnected', resolve))
}

// Every status was LINK_CLOSED, and tried again after a quarter of a second.
test.each<[number, string, 'soon' | 'slowly']>([
  [200, 'NOT_A_PROXY', 'soon'],
  [301, 'REDIRECTED', 'soon'],
  [302, 'REDIRECTED', 'soon'],
  [307, 'REDIRECTED', 'soon'],
  [308, 'REDIRECTED', 'soon'],
  [400, 'UPGRADE_REFUSED', 'soon'],
  [401, 'AUTH_DENIED', 'slowly'],
  [403, 'AUTH_DENIED', 'slowly'],
  [404, 'UPGRADE_REFUSED', 'soon'],
  [407, 'HTTP_PROXY_AUTH_REQUIRED', 'slowly'],
  [429, 'RATE_LIMIT', 'soon'],
  [500, 'UPGRADE_REFUSED', 'soon'],
  [502, 'BAD_GATEWAY', 'soon'],
  [503, 'SERVER_BUSY', 'soon'],
  [504, 'BAD_GATEWAY', 'soon']
])('%i is %s and tried again %s', async (status, code, when) => {
  const { url } = await answering(status)
  const { error, retryMs } = await firstFailure(url)
  expect(error).toMatchObject({ code, message: expect.stringContaining(String(status)), retryable: true })
  expect(retryMs).toBeCloseTo(when === 'slowly' ? 30_000 : 250, -3)
})

test('a redirect says where to, and is not followed', async () => {
  const other = await answering(503)
  const { url } = await answering(302, { location: other.url })
  const { error } = await firstFailure(url)
  expect(error.message).toContain(`to ${other.url}`)
  expect(other.tries).toBe(0)
})

const inAMinute = (fromMs: number): string => new Date(Math.ceil(fromMs / 1000) * 1000 + 60_000).toUTCString()

test.each<[string, () => Record<string, string>, expectedMs: number, passedMs?: number]>([
  ['seconds', () => ({ 'retry-after': '20' }), 20_000],
  ['a date', () => ({ 'retry-after': inAMinute(systemWallClock.now()) }), 60_000, 50_000],
  [
    'a date of a server whose clock is wrong',
    () => ({ 'retry-after': inAMinute(1e12), date: new Date(1e12).toUTCString() }),
    60_000
  ],
  ['more than an hour', () => ({ 'retry-after': '1000000' }), 3_600_000],
  ['a date that is past', () => ({ 'retry-after': new Date(0).toUTCString() }), 250],
  ['something else', () => ({ 'retry-after': 'later' }), 250]
])('Retry-After: %s', async (_what, headers, expectedMs, passedMs = 2000) => {
  for (const status of [429, 503]) {
    const { url } = await answering(status, headers())
    const { retryMs } = await firstFailure(url)
    expect(retryMs).toBeLessThan(expectedMs + 2000)
    // Until a date, less is left on a machine that takes its time.
    expect(retryMs).toBeGreaterThan(expectedMs - passedMs)
  }
})

test('a server that does not speak HTTP is NOT_A_PROXY, and tried again', async () => {
  const server = createServer(
    (socket) =>
      void socket
        .on('error', () => {})
        .resume()
        .end('SSH-2.0-OpenSSH_9.6\r\n')
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { error, retryMs } = await firstFailure(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(error.code).toBe('NOT_A_PROXY')
  expect(retryMs).not.toBeNull()
})
