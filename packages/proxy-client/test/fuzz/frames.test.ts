/** A server under 100,000 bad frames; run with `npm run test:fuzz`. */
import { expect, test } from 'vitest'
import { fuzz } from '../support/fuzz.js'
import { useTestnet } from '../support/rig.js'

const FRAMES = 100_000

const testnet = useTestnet()

test.each([
  { seed: 1, hasDht: false },
  { seed: 2, hasDht: true }
])(`${FRAMES} bad frames affect only their sender ($seed, with a DHT: $hasDht)`, async ({ hasDht, seed }) => {
  const report = await fuzz(FRAMES, seed, hasDht ? testnet() : null)
  console.log(report)
  expect(report.echoes).toBeGreaterThan(1000)
  expect(report.codes['PROTOCOL_ERROR']).toBeGreaterThan(report.links / 10)
})
