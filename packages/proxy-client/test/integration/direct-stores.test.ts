/** Data structures that other packages replicate do not notice that their connection changes its path. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { createCore } from '../support/stores.js'
import { watchedRtc } from '../support/watched-rtc.js'

const BLOCKS = 300

test('a Hypercore replicates while its connection moves to a direct path, back, and there again', async () => {
  const rig = await createRig({ testnet: null })
  const rtc = watchedRtc()
  const one = rig.createSwarm({ direct: { rtc, localAddresses: true } })
  const other = rig.createSwarm({ direct: { rtc: watchedRtc(), localAddresses: true } })
  const core = await createCore()
  const blocks = Array.from({ length: BLOCKS }, () => randomBytes(20_000))
  await core.append(blocks)
  const copy = await createCore(core.key)
  await other.listen()
  void one.connect(other.keyPair.publicKey)
  const [near, far] = await connectionBetween(one, other)
  const paths: string[] = []
  near.on('path', (path) => paths.push(path))
  core.replicate(near)
  copy.replicate(far)
  for (let index = 0; index < BLOCKS; index++) {
    if (index === 100) await until('it is on the direct path', () => near.path === 'direct')
    if (index === 200) rtc.made.at(-1)?.close()
    expect(Buffer.compare(await copy.get(index), blocks[index] as Uint8Array)).toBe(0)
  }
  await until('it is on the direct path again', () => near.path === 'direct')
  expect(paths).toEqual(['direct', 'proxied', 'direct'])
  expect(near.destroyed).toBe(false)
})
