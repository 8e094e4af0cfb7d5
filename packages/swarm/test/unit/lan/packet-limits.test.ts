import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { PacketLimits } from '../../../src/lan/packet-limits.js'

const SECONDS = 60
const FLOOD = 100

/** How many packets are read of `hosts` that send `FLOOD` a second each, and of a quiet one that sends one in two seconds. */
async function read(hosts: number): Promise<{ flood: number; quiet: number }> {
  const clock = new FakeClock()
  const limits = new PacketLimits(clock)
  let [flood, quiet] = [0, 0]
  for (let second = 0; second < SECONDS; second++) {
    for (let i = 0; i < FLOOD; i++)
      for (let host = 0; host < hosts; host++) if (limits.takePacket(`192.0.2.${host}`)) flood++
    if (second % 2 === 0 && limits.takePacket('198.51.100.1')) quiet++
    await clock.advance(1000)
  }
  return { flood, quiet }
}

// A neighbour with six addresses used up what is read of all hosts, so that the others did not find each other.
test('a quiet host is heard beside some that send without end', async () => {
  for (const hosts of [1, 6, 30]) expect((await read(hosts)).quiet).toBe(SECONDS / 2)
})

test('what is read of all hosts is limited, however many addresses somebody invents', async () => {
  const { flood } = await read(1000)
  expect(flood).toBeLessThanOrEqual(2 * (300 + 150 * SECONDS))
  expect(flood).toBeGreaterThan(0)
})
