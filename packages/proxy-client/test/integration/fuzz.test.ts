/** The short form of the fuzz tier, see fuzz/. */
import { expect, test } from 'vitest'
import { fuzz } from '../support/fuzz.js'
import { useTestnet } from '../support/rig.js'

const FRAMES = 2000

const testnet = useTestnet()

test.each([true, false])(`${FRAMES} bad frames affect only their sender (with a DHT: %s)`, async (hasDht) => {
  const { codes, echoes, links } = await fuzz(FRAMES, 1, hasDht ? testnet() : null)
  expect(echoes).toBeGreaterThan(10)
  expect(Object.keys(codes)).toEqual(expect.arrayContaining(['PROTOCOL_ERROR', 'FRAME_TOO_LARGE', 'NOT_A_PROXY']))
  expect(codes['PROTOCOL_ERROR']).toBeGreaterThan(links / 10)
})
