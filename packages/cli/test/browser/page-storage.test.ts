/** What the page of `swarmway proxy --site` keeps in the browser, and where its room ends. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { until } from '../../../runtime/test/support/until.js'
import { startProxy } from '../proxy/support/proxy.js'
import { temporaryFolder } from '../support/net.js'
import { bigFile, offer } from './support/offering.js'
import { Visitor } from './support/visitor.js'

const browser = useChromium()

/** A visitor whose browser runs this before the page. */
async function visit(http: string, code: string, script: string): Promise<Visitor> {
  const visitor = await Visitor.open(browser(), http)
  await visitor.page.addInitScript(script)
  await visitor.page.goto(`${http}/?#${code}`)
  return visitor
}

// Its bytes do not exist; nobody reads them.
function sparseFile(bytes: number): string {
  const path = join(temporaryFolder(), 'huge.bin')
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

// The page told the sender that it has everything, and then had no room to note that. Nobody could get the files any more.
test('the sender still has the files if there is no room for the note about them', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { content, path } = bigFile(5000)
  const { code, ends } = await offer(ws, [path])
  const visitor = await visit(
    http,
    code,
    `const original = FileSystemDirectoryHandle.prototype.getFileHandle
    FileSystemDirectoryHandle.prototype.getFileHandle = function (name, options) {
      if (name === 'note' && options?.create) {
        FileSystemDirectoryHandle.prototype.getFileHandle = original
        throw new DOMException('full', 'QuotaExceededError')
      }
      return original.call(this, name, options)
    }`
  )
  await visitor.press('Receive')
  await visitor.sees('The browser has no room left.')
  await until('the sender to notice', () => ends.length > 0)
  expect(ends).toEqual(['noRoom'])
  await visitor.press('Try again')
  await visitor.press('Receive')
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
  await until('the sender to know', () => ends.includes('done'))
})

// To open any other code removed them, before the new code had proved to be one.
test('what came with a code is still there after another code was opened, and is listed', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { content, path } = bigFile(5000)
  const first = await offer(ws, [path])
  const visitor = await Visitor.open(browser(), `${http}/#${first.code}`)
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  const second = await offer(ws, [bigFile(1000).path])
  await visitor.page.goto(`${http}/#${second.code}`)
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  await visitor.page.goto(`${http}/#`)
  await visitor.sees(second.code)
  await visitor.page.getByRole('listitem').filter({ hasText: first.code }).getByRole('button', { name: 'Show' }).click()
  expect((await visitor.save('Save')).content.equals(content)).toBe(true)
})

/** Receives the first of two files, and leaves. */
async function leaveInTheMiddle(http: string, ws: string): Promise<{ visitor: Visitor; code: string }> {
  const folder = join(temporaryFolder(), 'two')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a'), 'whole')
  writeFileSync(join(folder, 'b'), 'changed')
  const { code } = await offer(ws, [folder])
  const visitor = await visit(
    http,
    code,
    `if (sessionStorage.length === 0) FileSystemDirectoryHandle.prototype.removeEntry = () => {
       document.body.dataset.removing = 'yes'
       return new Promise(() => {})
     }`
  )
  writeFileSync(join(folder, 'b'), 'changed meanwhile')
  await visitor.press('Receive')
  // The first file is there by now.
  await visitor.page.locator('body[data-removing]').waitFor()
  await visitor.page.evaluate(`sessionStorage.left = 'yes'`)
  await visitor.page.goto(`${http}/?again`)
  return { visitor, code }
}

test('what is not finished is listed, and deleted when its room is needed', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code, visitor } = await leaveInTheMiddle(http, ws)
  const line = visitor.page.getByRole('listitem').filter({ hasText: code })
  await line.getByText('1 file, not finished').waitFor()
  const other = await offer(ws, [bigFile(1000).path])
  await visitor.page.addInitScript('navigator.storage.estimate = async () => ({ quota: 1500, usage: 1000 })')
  await visitor.page.goto(`${http}/?#${other.code}`)
  await visitor.press('Receive')
  await visitor.sees('The browser has room for 500 B here, and 1.0 kB are needed.')
  await until('the sender to hear why', () => other.ends.length > 0)
  expect(other.ends).toEqual(['noRoom'])
  await visitor.press('Use another code')
  await visitor.sees('The code that the sender tells you')
  expect(await visitor.page.getByText('not finished').count()).toBe(0)
})

test('what is not finished is deleted if the user says so', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { visitor } = await leaveInTheMiddle(http, ws)
  await visitor.press('Delete')
  await visitor.page.getByText('not finished').waitFor({ state: 'detached' })
  await visitor.sees('The code that the sender tells you')
})

test('a browser that stores nothing takes up to 500 MB', async () => {
  const { http, ws } = await startProxy({ site: true })
  const forget = 'delete FileSystemFileHandle.prototype.createWritable'
  const most = await offer(ws, [sparseFile(500_000_000)])
  const visitor = await visit(http, most.code, forget)
  await visitor.press('Receive')
  await visitor.sees('Receiving')
  const more = await offer(ws, [sparseFile(500_000_001)])
  const other = await visit(http, more.code, forget)
  await other.press('Receive')
  await other.sees('This browser can only keep files in memory, up to 500.0 MB')
  await until('the sender to hear why', () => more.ends.length > 0)
  expect(more.ends).toEqual(['noRoom'])
})

// Safari removes what a page stores after a week without a visit, others when the device runs short of room.
test('the browser is asked to keep what arrives', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code } = await offer(ws, [bigFile(1000).path])
  const script = 'navigator.storage.persist = async () => { document.title = "asked"; return true }'
  const visitor = await visit(http, code, script)
  await visitor.sees('1 file, 1.0 kB')
  expect(await visitor.page.title()).not.toBe('asked')
  await visitor.page.evaluate(
    `Object.defineProperty(document, 'title', { set(text) { this.asked ??= text === 'asked' } })`
  )
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  expect(await visitor.page.evaluate('document.asked')).toBe(true)
})

// It said "everything", and after a reload did not say that files are missing.
test('files that did not come are named, also after the page was loaded again', async () => {
  const { http, ws } = await startProxy({ site: true })
  const folder = join(temporaryFolder(), 'three')
  mkdirSync(folder)
  for (const name of ['a', 'b', 'com1.txt']) writeFileSync(join(folder, name), name)
  const { code } = await offer(ws, [folder])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.sees('2 files')
  writeFileSync(join(folder, 'b'), 'changed meanwhile')
  await visitor.press('Receive')
  for (const _time of ['first', 'reloaded']) {
    await visitor.sees('What is here is what the sender has')
    await visitor.sees('1 file not received, changed or removed by the sender:')
    await visitor.sees('1 file not received because of the name:')
    await visitor.page.reload()
  }
})
