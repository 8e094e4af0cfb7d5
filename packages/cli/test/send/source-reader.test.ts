import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SourceFile } from '../../src/send/source-files.js'
import { SourceReader } from '../../src/send/source-reader.js'

const BYTES = 300_000

function sourceFile(): SourceFile {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-source-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'file')
  writeFileSync(path, Buffer.alloc(BYTES, 1))
  return { path, key: '/file', bytes: BYTES, modifiedMs: statSync(path).mtimeMs } as SourceFile
}

async function open(source: SourceFile): Promise<SourceReader> {
  const reader = await SourceReader.open(source, { index: 0, offset: 0, sha256: '' })
  if (reader === null) throw new Error('the file cannot be opened')
  return reader
}

async function read(reader: SourceReader): Promise<number> {
  let bytes = 0
  for await (const chunk of reader.chunks()) bytes += chunk.byteLength
  return bytes
}

test('a file is read whole, with its digest', async () => {
  const reader = await open(sourceFile())
  expect(await read(reader)).toBe(BYTES)
  expect(await reader.digest()).toHaveLength(32)
  await reader.close()
})

// A failing disk (EIO) ended the connection; the receiver came back, got as far as before, and so on for ever.
test('a file that cannot be read to its end counts as changed', async () => {
  const reader = await open(sourceFile())
  await reader.close()
  expect(await read(reader)).toBe(0)
  expect(await reader.digest()).toBeNull()
})

// 50 GB of a log to which a line was added at the beginning were sent, and dropped by the receiver at their end.
test('a file that was changed is not read to its end', async () => {
  const small = sourceFile()
  const bytes = 60_000_000
  truncateSync(small.path, bytes)
  const source = { ...small, bytes, modifiedMs: statSync(small.path).mtimeMs }
  const reader = await open(source)
  const chunks = reader.chunks()
  await chunks.next()
  utimesSync(source.path, new Date(), new Date(0))
  let read = 0
  for await (const chunk of chunks) read += chunk.byteLength
  expect(read).toBeLessThan(20_000_000)
  expect(await reader.digest()).toBeNull()
  await reader.close()
})

test('a file that became shorter while it was read counts as changed', async () => {
  const source = sourceFile()
  const reader = await open(source)
  const chunks = reader.chunks()
  await chunks.next()
  writeFileSync(source.path, Buffer.alloc(10))
  for await (const _chunk of chunks);
  expect(await reader.digest()).toBeNull()
  await reader.close()
})

// A receiver that took it for the whole file would have the beginning of a log, and think that it has all.
test('a file that grew while it was read counts as changed, and nothing after its offered end is read', async () => {
  const source = sourceFile()
  const reader = await open(source)
  const chunks = reader.chunks()
  let bytes = (await chunks.next()).value?.byteLength ?? 0
  appendFileSync(source.path, Buffer.alloc(BYTES, 2))
  for await (const chunk of chunks) bytes += chunk.byteLength
  expect(bytes).toBe(BYTES)
  expect(await reader.digest()).toBeNull()
  await reader.close()
})
