/** The page of `swarmway proxy --site`, in Chromium. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Cable } from '../../../../examples/browser/test/browser/support/cable.js'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { until } from '../../../runtime/test/support/until.js'
import { startProxy } from '../proxy/support/proxy.js'
import { start } from '../support/command.js'
import { temporaryFolder } from '../support/net.js'
import { readZip } from '../support/read-zip.js'
import { bigFile, offer, offerBehindToken, TOKEN } from './support/offering.js'
import { Visitor } from './support/visitor.js'

const browser = useChromium()
const LINK = /Or in a browser: (\S+)/
const UNUSED_CODE = 'abandon-ability-able-about-above'

test('the link that the sender prints opens a page which receives the file', async () => {
  const { ws } = await startProxy({ site: true })
  const { content, path } = bigFile(20_000_000)
  const sender = start(['send', path, '--proxy', ws])
  await sender.says(LINK)
  const visitor = await Visitor.open(browser(), LINK.exec(sender.stderr)?.[1] ?? '')
  await visitor.sees('1 file, 20.0 MB')
  await visitor.sees('big.bin')
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  expect(await sender.outcome()).toMatchObject({ code: 0 })
  const saved = await visitor.save('Save')
  expect(saved.name).toBe('big.bin')
  expect(saved.content.equals(content)).toBe(true)
})

test('several files are saved one by one, or as an archive with their folders', async () => {
  const { http, ws } = await startProxy({ site: true })
  const folder = join(temporaryFolder(), 'photos')
  mkdirSync(join(folder, 'trip'), { recursive: true })
  const contents: Record<string, Buffer> = {
    'photos/a.jpg': randomBytes(5000),
    'photos/trip/b.jpg': randomBytes(70_000)
  }
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, '..', name), content)
  const { code } = await offer(ws, [folder])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.press('Receive')
  const one = await visitor.save('Save photos/trip/b.jpg')
  expect(one).toEqual({ name: 'b.jpg', content: contents['photos/trip/b.jpg'] })
  const all = await visitor.save('Save all as ZIP')
  expect(all.name).toBe('photos.zip')
  const read = readZip(all.content).map(({ content, path }) => [path, Buffer.from(content)])
  expect(Object.fromEntries(read)).toEqual(contents)
})

test('a code is typed as people type it, and a wrong one is explained', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { path } = bigFile(1000)
  const { code } = await offer(ws, [path])
  const visitor = await Visitor.open(browser(), http)
  const field = visitor.page.getByLabel('The code that the sender tells you')
  await field.fill('abandon abilitz able about above')
  await visitor.press('Connect')
  await visitor.sees('"abilitz" is not a word of a code.')
  await visitor.sees('Did you mean ability')
  await field.fill(UNUSED_CODE)
  await visitor.press('Connect')
  await visitor.sees('No sender yet. Check the code')
  await visitor.press('Use another code')
  const typed = code.split('-').map((word) => word.slice(0, 4).toUpperCase())
  await field.fill(typed.join(' '))
  await visitor.press('Connect')
  await visitor.sees('1 file, 1.0 kB')
  expect(visitor.page.url()).toBe(`${http}/#${code}`)
})

test('after the connection was lost and the page loaded again, only what is missing is fetched', async () => {
  const { http, port } = await startProxy({ site: true })
  const { content, path } = bigFile(40_000_000)
  const cable = await Cable.to(port)
  const { code, wantedBytes } = await offer(cable.url, [path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.sees('1 file, 40.0 MB')
  const cut = cable.cutAfter(25_000_000)
  await visitor.press('Receive')
  await cut
  await visitor.sees('Nothing is arriving')
  await visitor.page.reload()
  cable.restore()
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  expect(wantedBytes[0]).toBe(content.length)
  expect(wantedBytes.at(-1)).toBeLessThan(content.length - 10_000_000)
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
})

test('a sender that loses its session resumes as soon as it is back, without a question', async () => {
  const { http, port } = await startProxy({ site: true, graceMs: '100' })
  const { content, path } = bigFile(20_000_000)
  const cable = await Cable.to(port)
  const { code } = await offer(cable.url, [path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.sees('1 file, 20.0 MB')
  const cut = cable.cutAfter(10_000_000)
  await visitor.press('Receive')
  await cut
  await visitor.sees('The connection is lost')
  cable.restore()
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
})

test('a page that loses its server says so, and resumes', async () => {
  const { port, ws } = await startProxy({ site: true })
  const { content, path } = bigFile(20_000_000)
  const cable = await Cable.to(port)
  const { code } = await offer(ws, [path])
  const visitor = await Visitor.open(browser(), `${cable.url.replace('ws', 'http')}/#${code}`)
  await visitor.sees('1 file, 20.0 MB')
  const cut = cable.cutAfter(8_000_000)
  await visitor.press('Receive')
  await cut
  await visitor.sees('The server of this page cannot be reached')
  cable.restore()
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
})

test('what has arrived is still there when the page is loaded again, until it is deleted', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { content, path } = bigFile(5000)
  const { code } = await offer(ws, [path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  await visitor.page.reload()
  await visitor.press('Delete from this browser')
  await visitor.sees('Not saved: 1 file. Delete anyway')
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
  await visitor.press('Not saved: 1 file. Delete anyway')
  await visitor.sees('The code that the sender tells you')
  expect(visitor.page.url()).toBe(`${http}/`)
  await visitor.page.goto(`${http}/#${code}`)
  await visitor.sees('This code is used up')
})

// A click on Save was taken for a saved file, although the browser had only begun to copy it.
test('what was saved is deleted only after a question', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code } = await offer(ws, [bigFile(5000).path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.press('Receive')
  await visitor.save('Save')
  await visitor.press('Delete from this browser')
  await visitor.press('Has the browser finished saving? Then delete')
  await visitor.sees('The code that the sender tells you')
})

test('a sender who leaves is waited for, and one who is gone is named', async () => {
  const { http, ws } = await startProxy({ site: true, graceMs: '100' })
  const sender = start(['send', bigFile(1000).path, '--proxy', ws])
  await sender.prints('\n')
  const visitor = await Visitor.open(browser(), `${http}/#${sender.stdout.toString().trim()}`)
  await visitor.sees('1 file, 1.0 kB')
  await sender.kill('SIGKILL').outcome()
  await visitor.sees('No sender yet')
})

test('declining, and a code that is used up, are told apart', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code, ends } = await offer(ws, [bigFile(1000).path])
  const first = await Visitor.open(browser(), `${http}/#${code}`)
  await first.press('Decline')
  await first.sees('You declined')
  await first.press('Try again')
  await first.press('Receive')
  await first.sees('Everything has arrived')
  await until('the sender to know', () => ends.includes('done'))
  const second = await Visitor.open(browser(), `${http}/#${code}`)
  await second.sees('This code is used up')
})

test('a code is used by one tab at a time', async () => {
  const { http } = await startProxy({ site: true })
  const visitor = await Visitor.open(browser(), `${http}/#${UNUSED_CODE}`)
  await visitor.sees('Waiting for the sender')
  const other = await visitor.page.context().newPage()
  await other.goto(`${http}/#${UNUSED_CODE}`)
  await other.getByText('open in another tab').waitFor()
})

test('a server that wants a token is given one', async () => {
  const visitor = await Visitor.open(browser(), await offerBehindToken())
  await visitor.page.getByLabel('Access token').fill(TOKEN)
  await visitor.press('Connect')
  await visitor.sees('1 file, 1.0 kB')
})

test('a browser that stores nothing keeps files in memory, and says how much that is', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { content, path } = bigFile(9_000_000)
  const { code } = await offer(ws, [path])
  const visitor = await Visitor.open(browser(), http)
  await visitor.page.addInitScript('delete FileSystemFileHandle.prototype.createWritable')
  await visitor.page.goto(`${http}/?#${code}`)
  await visitor.sees('keeps them in memory')
  await visitor.press('Receive')
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
})

test.each(['light', 'dark'] as const)('everything fits on a phone, %s', async (colorScheme) => {
  const { http, ws } = await startProxy({ site: true })
  const folder = join(temporaryFolder(), 'a-folder-with-a-long-name')
  mkdirSync(folder)
  for (let i = 0; i < 30; i++) writeFileSync(join(folder, `${'long-name-'.repeat(12)}${i}.bin`), 'x')
  const { code } = await offer(ws, [folder])
  const phone = { viewport: { width: 380, height: 740 }, colorScheme }
  const visitor = await Visitor.open(browser(), http, phone)
  const background = await visitor.page.evaluate('getComputedStyle(document.body).backgroundColor')
  expect(background).toBe(colorScheme === 'dark' ? 'rgb(22, 23, 26)' : 'rgb(245, 245, 241)')
  expect(await visitor.isTooWide()).toBe(false)
  await visitor.page.goto(`${http}/?#${code}`)
  await visitor.sees('30 files')
  expect(await visitor.isTooWide()).toBe(false)
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  expect(await visitor.isTooWide()).toBe(false)
})
