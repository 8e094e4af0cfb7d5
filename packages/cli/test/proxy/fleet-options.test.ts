import { expect, test } from 'vitest'
import { resolveSettings } from '../../src/proxy/config/resolve.js'
import { fleetOptions } from '../../src/proxy/server/fleet-options.js'

async function addressOf(fleetAddress: string, worker: number | null) {
  const flags = { fleet: 'nats://127.0.0.1:1', fleetAddress, fleetPort: '7000' }
  const { settings } = await resolveSettings({ flags, env: {}, folder: '/' })
  return (await fleetOptions(settings, worker))?.linkAddress
}

// All workers announced the port of the first, so links to the others failed.
test('each worker announces a port of its own', async () => {
  expect(await addressOf('a.example:7000', null)).toBe('a.example:7000')
  expect(await addressOf('a.example:7000', 1)).toBe('a.example:7000')
  expect(await addressOf('a.example:7000', 3)).toBe('a.example:7002')
  expect(await addressOf('[fd00::1]:7000', 2)).toBe('[fd00::1]:7001')
  expect(await addressOf('a.example', 2)).toBe('a.example')
  expect(await addressOf('fd00::1', 2)).toBe('fd00::1')
})
