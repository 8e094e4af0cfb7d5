import { EventEmitter } from 'node:events'
import type { SwarmCore } from '@swarmway/swarm'
import { afterEach, expect, test, vi } from 'vitest'
import { PATIENCE_MS, sayWhenAnnounced } from '../../../src/shared/network/waiting.js'
import { Status } from '../../../src/shared/terminal/status.js'

afterEach(() => {
  vi.useRealTimers()
})

// It had said that nobody finds us. When the first announcement failed and a later one did not, it never took that back.
test('an announcement that fails at first is said when it succeeds', async () => {
  vi.useFakeTimers()
  const said: string[] = []
  const swarm = Object.assign(new EventEmitter(), { offline: null, destroyed: false }) as unknown as SwarmCore
  let isThere = false
  sayWhenAnnounced(
    { swarm, isProxied: false },
    async () => isThere,
    new Status({ write: (text) => said.push(text.trim()) })
  )
  await vi.advanceTimersByTimeAsync(PATIENCE_MS * 3)
  expect(said).toEqual(['The DHT has not answered yet; until then, nobody finds us.'])
  isThere = true
  await vi.advanceTimersByTimeAsync(PATIENCE_MS * 2)
  expect(said.slice(1)).toEqual(['We are in the DHT: everybody can find us now.'])
  expect(vi.getTimerCount()).toBe(0)
})
