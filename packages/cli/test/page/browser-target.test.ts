import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { BrowserTarget } from '../../src/page/browser-target.js'
import { crc32 } from '../../src/page/crc32.js'
import { readKept, writeKept } from '../../src/page/kept.js'
import { MemoryParts } from '../../src/page/parts/memory-parts.js'
import { receivable } from '../../src/page/receivable.js'
import { archivePath } from '../../src/page/saved-names.js'

const MEGABYTE = 1_000_000

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function target(parts: MemoryParts, bytes: number): BrowserTarget {
  return new BrowserTarget(0, { key: '/file', bytes, modifiedMs: 0 }, parts)
}

async function contentOf(one: BrowserTarget): Promise<Buffer> {
  return Buffer.from(await (await one.content()).arrayBuffer())
}

test('a file is kept in pieces, and a later attempt continues after them', async () => {
  const parts = new MemoryParts()
  const content = randomBytes(10 * MEGABYTE)
  const first = await (await target(parts, content.length).begin()).open(false)
  await first.write(content.subarray(0, 3 * MEGABYTE))
  await first.write(content.subarray(3 * MEGABYTE, 6 * MEGABYTE))
  await first.close()
  const again = target(parts, content.length)
  const attempt = await again.begin()
  expect(attempt.offset).toBe(6 * MEGABYTE)
  expect(attempt.sha256).toBe(sha256(content.subarray(0, 6 * MEGABYTE)).toString('hex'))
  const second = await attempt.open(true)
  expect([second.hasRoom(4 * MEGABYTE), second.hasRoom(4 * MEGABYTE + 1)]).toEqual([true, false])
  await second.write(content.subarray(6 * MEGABYTE))
  expect(await second.finish(sha256(content))).toBe(true)
  expect((await contentOf(again)).equals(content)).toBe(true)
  expect(again.crc).toBe(crc32(content))
})

test('what is damaged is removed, and so is what the sender has changed', async () => {
  for (const end of ['damaged', 'changed']) {
    const parts = new MemoryParts()
    const one = target(parts, 3)
    const file = await (await one.begin()).open(false)
    await file.write(Buffer.from('abc'))
    if (end === 'changed') await file.drop()
    else expect(await file.finish(sha256(Buffer.from('abd')))).toBe(false)
    expect((await contentOf(one)).length).toBe(0)
  }
})

test('the beginning of another file is replaced', async () => {
  const parts = new MemoryParts()
  const first = await (await target(parts, 10).begin()).open(false)
  await first.write(Buffer.from('0123456789'))
  await first.close()
  const shorter = target(parts, 3)
  expect(await shorter.begin()).toMatchObject({ offset: 0, sha256: '' })
  const same = target(parts, 10)
  const file = await (await same.begin()).open(false)
  await file.write(Buffer.from('abcdefghij'))
  expect(await file.finish(sha256(Buffer.from('abcdefghij')))).toBe(true)
  expect((await contentOf(same)).toString()).toBe('abcdefghij')
})

test('files that are whole are found again, unless a part of one is gone', async () => {
  const parts = new MemoryParts()
  const one = target(parts, 5)
  const file = await (await one.begin()).open(false)
  await file.write(Buffer.from('hello'))
  await file.finish(sha256(Buffer.from('hello')))
  expect(await readKept(parts)).toBeNull()
  const missing = { changed: ['gone'], skipped: ['.env'] }
  await writeKept(parts, [one], missing)
  const found = await readKept(parts)
  expect(found).toMatchObject({ files: [{ path: 'file', crc: one.crc }], ...missing })
  expect(await found?.files[0]?.content.text()).toBe('hello')
  await (await one.begin()).open(false)
  expect(await one.content()).toMatchObject({ size: 0 })
  expect(await readKept(parts)).toBeNull()
})

test('names that lead elsewhere, deceive or are hidden are not received', () => {
  const keys = ['/ok', '/../up', '/.env', '/dir/.git/config', '/a\u202eb', 'relative', '/ok']
  const { skipped, wanted } = receivable(keys.map((key) => ({ key, bytes: 1, modifiedMs: 0 })))
  expect(wanted.map(({ offered }) => offered.key)).toEqual(['/ok'])
  expect(skipped).toHaveLength(keys.length - 1)
})

function wantedOf(keys: readonly string[]): string[] {
  return receivable(keys.map((key) => ({ key, bytes: 1, modifiedMs: 0 }))).wanted.map(({ offered }) => offered.key)
}

// An archive is unpacked anywhere. "/C:/Users/x/evil.bat" became the path "C:/Users/x/evil.bat" in it.
test.each(['/C:/Users/x/evil.bat', '/c:evil', '/dir/C:/evil', '/aux.txt', '/NUL', '/dir/com1', '/lpt1.log/file'])(
  '%s, a drive or a device of Windows, is not received',
  (key) => {
    expect(wantedOf([key])).toEqual([])
  }
)

test('of files that are one on Windows or a Mac, one is received', () => {
  const same = [
    ['/A.txt', '/a.txt'],
    ['/\u00e9', '/e\u0301'],
    ['/a', '/a. '],
    ['/a?b', '/a*b'],
    ['/A', '/a/b']
  ]
  for (const pair of same) expect(wantedOf(pair)).toHaveLength(1)
  expect(wantedOf(['/what: is this?', '/auxiliary', '/console/con-text', '/10:30'])).toHaveLength(4)
})

test('characters that Windows does not allow are replaced in an archive', () => {
  expect(archivePath('dir/10:30 "what?"')).toBe('dir/10_30 _what__')
})
