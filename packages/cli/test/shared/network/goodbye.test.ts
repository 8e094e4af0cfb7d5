/** A swarm that failed to close kept the process for three seconds, and was then closed once more. */
import { afterEach, expect, test, vi } from 'vitest'
import { goodbye } from '../../../src/shared/network/goodbye.js'

afterEach(() => void vi.useRealTimers())

test('a swarm that fails to close leaves no timer', async () => {
  vi.useFakeTimers()
  const destroy = () => Promise.reject(new Error('in the middle'))
  const swarm = { destroy, dht: { destroy } } as unknown as Parameters<typeof goodbye>[0]
  await expect(goodbye(swarm)()).rejects.toThrow('in the middle')
  expect(vi.getTimerCount()).toBe(0)
})
