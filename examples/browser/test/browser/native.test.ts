import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { createTestnet, type Testnet } from '../../../demo/modules.ts'
import { createFile, createFolder } from './support/files.ts'
import { startNative } from './support/programs.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { sha256, visit } from './support/tab.ts'

const MB = 1000 ** 2

const browser = useChromium()
const site = useSite()
let testnet: Testnet

beforeAll(async () => {
  testnet = await createTestnet(4, { host: '127.0.0.1' })
})
afterAll(() => testnet.destroy())

test('a tab and a native peer talk, and the page shows that the peer is native', async () => {
  const { bootstrap } = testnet
  const { url: proxy } = await RestartableProxy.start({ bootstrap, host: '127.0.0.1' })
  const ada = await visit(browser(), { site: site(), room: 'native', proxy, nickname: 'Ada' })
  const native = startNative(bootstrap, ['native', '--nickname', 'Nat'])
  await ada.sees('Nat')
  await expect.poll(() => ada.peers.first().getAttribute('data-reach')).toBe('udp')
  await ada.say('hello native')
  await native.line(/^Ada: hello native$/)
  await ada.say('a\u001b[2Jb')
  // Control characters, which a terminal would obey, are not printed.
  await native.line(/^Ada: a \[2Jb$/)
  native.type('hello tab')
  await ada.hears('hello tab')
  expect(await native.stop()).toBe(0)
  await ada.sees()
})

test('a file of 50 MB goes from a native peer to a tab, and one from the tab to a native peer', async () => {
  const { bootstrap } = testnet
  const { url: proxy } = await RestartableProxy.start({ bootstrap, host: '127.0.0.1' })
  const [large, small, folder] = [
    await createFile('large.bin', 50 * MB),
    await createFile('small.bin', 5 * MB),
    await createFolder()
  ]
  const native = startNative(bootstrap, ['files', '--share', large, '--save', folder])
  const ada = await visit(browser(), { site: site(), room: 'files', proxy, nickname: 'Ada' })
  expect(await ada.fetch('large.bin')).toBe(await sha256(large))
  await ada.share(small)
  await native.line(/^Saved .*small\.bin$/)
  expect(await readdir(folder)).toEqual(['small.bin'])
  expect(await sha256(join(folder, 'small.bin'))).toBe(await sha256(small))
  expect(await native.stop()).toBe(0)
})
