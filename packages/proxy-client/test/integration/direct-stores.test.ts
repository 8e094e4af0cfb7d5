/** Data structures that other packages replicate do not notice that their connection changes its path. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { createCore, createDrive, createStore } from '../support/stores.js'
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

test('a Hyperdrive is mirrored while its connection loses a direct path and gets another one', async () => {
  const rig = await createRig({ testnet: null })
  const rtc = watchedRtc()
  const one = rig.createSwarm({ direct: { rtc, localAddresses: true } })
  const other = rig.createSwarm({ direct: { rtc: watchedRtc(), localAddresses: true } })
  const [stores, files] = [[createStore(), createStore()] as const, new Map<string, Buffer>()]
  const drive = await createDrive(stores[0])
  for (let i = 0; i < 40; i++) files.set(`/file-${i}`, randomBytes(100_000))
  for (const [path, content] of files) await drive.put(path, content)
  const copy = await createDrive(stores[1], drive.key)
  await other.listen()
  void one.connect(other.keyPair.publicKey)
  const [near, far] = await connectionBetween(one, other)
  const found = copy.findingPeers()
  stores[0].replicate(near)
  stores[1].replicate(far)
  await copy.update({ wait: true })
  found()
  let count = 0
  for (const [path, content] of files) {
    if (count === 10) await until('it is on the direct path', () => near.path === 'direct')
    if (count === 20) rtc.made.at(-1)?.close()
    if (count === 30) await until('it is on the direct path again', () => near.path === 'direct')
    expect(Buffer.compare((await copy.get(path)) ?? Buffer.alloc(0), content)).toBe(0)
    count++
  }
  expect([near.destroyed, one.stats.direct.lost]).toEqual([false, 1])
})
