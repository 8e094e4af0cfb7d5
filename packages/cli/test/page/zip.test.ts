import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { crc32 } from '../../src/page/crc32.js'
import { zipOf } from '../../src/page/zip.js'
import { readZip } from '../support/read-zip.js'

function entry(path: string, content: Uint8Array<ArrayBuffer>) {
  return {
    path,
    content: new Blob([content]),
    crc: crc32(content),
    modifiedMs: new Date(2026, 4, 3, 12, 30, 8).getTime()
  }
}

test('the CRC-32 of a text, in one and in two pieces', () => {
  const bytes = new TextEncoder().encode('123456789')
  // The check value of the algorithm.
  expect(crc32(bytes)).toBe(0xcbf43926)
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array(0))).toBe(0)
})

test('an archive has every file with its name, time and content', async () => {
  const files = new Map([
    ['photos/日本 📷.jpg', new Uint8Array(randomBytes(70_000))],
    ['photos/trip/empty', new Uint8Array(0)],
    ['note.txt', new TextEncoder().encode('hello')]
  ])
  const zip = zipOf([...files].map(([path, content]) => entry(path, content)))
  const read = readZip(new Uint8Array(await zip.arrayBuffer()))
  expect(read.map(({ path }) => path)).toEqual([...files.keys()])
  for (const { content, path } of read)
    expect(Buffer.from(content).equals(files.get(path) ?? new Uint8Array(1))).toBe(true)
  expect(read[0]).toMatchObject({ date: ((2026 - 1980) << 9) | (5 << 5) | 3, time: (12 << 11) | (30 << 5) | 4 })
})

// Programs other than ours read this archive: checked with unzip 6.0 and Python's zipfile when it was recorded.
test('the bytes of an archive do not change', async () => {
  const zip = zipOf([entry('a/b.txt', new TextEncoder().encode('hello')), entry('c', new Uint8Array(0))])
  const digest = createHash('sha256')
    .update(new Uint8Array(await zip.arrayBuffer()))
    .digest('hex')
  expect(digest).toMatchInlineSnapshot(`"8ce68ccbdf3acfdc681c40f18f5289c67b0d9b70c26f2246c1fc224db9177014"`)
})
