import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { createFile } from './support/files.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { sha256, visit } from './support/tab.ts'

const MB = 1000 ** 2

const browser = useChromium()
const site = useSite()

test('a file of 50 MB goes from tab to tab and arrives unchanged', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'large', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  const path = await createFile('large.bin', 50 * MB)
  await ada.share(path)
  expect(await grace.fetch('large.bin')).toBe(await sha256(path))
})

test('a file outlives the peer that shared it: those who have fetched it supply it to latecomers', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'supply', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  const path = await createFile('poem.txt', 3 * MB + 1)
  await ada.share(path)
  await grace.fetch('poem.txt')
  await ada.page.getByText('shared by you, 1 peer has it too').waitFor()
  await ada.leave()
  await grace.sees()
  const joan = await visit(browser(), { ...room, nickname: 'Joan' })
  expect(await joan.fetch('poem.txt')).toBe(await sha256(path))
})

test('a file that is dropped on the page is shared, even an empty one', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'drop', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  const dropped = await ada.page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File([], 'nothing.txt'))
    data.items.add(new File(['dropped'], 'note.txt', { type: 'text/plain' }))
    return data
  })
  await ada.page.dispatchEvent('main', 'dragenter', { dataTransfer: dropped })
  await ada.page.getByText('Drop to share').waitFor()
  await ada.page.dispatchEvent('main', 'drop', { dataTransfer: dropped })
  await ada.page.getByText('Drop to share').waitFor({ state: 'hidden' })
  expect(await grace.fetch('note.txt')).toBe('e7cd9c3ab5da1895f52abfece688c0f136a26c348f0619bdf724a9e1667b747f')
  expect(await grace.fetch('nothing.txt')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
