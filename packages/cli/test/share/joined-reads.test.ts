import { expect, test } from 'vitest'
import { type BatchMaker, joinReads, type ReadBatch } from '../../src/share/joined-reads.js'
import { Download, driveOf, fill, folderWith, openDrive, publish } from './support.js'

/** Makes batches that answer each key with itself. */
class Maker implements BatchMaker {
  /** The keys of each batch that was sent. */
  readonly sent: unknown[][] = []

  createReadBatch(_session: object): ReadBatch {
    const keys: unknown[] = []
    return {
      get: async (key) => {
        keys.push(key)
        return key
      },
      tryFlush: () => void this.sent.push(keys)
    }
  }
}

const USED_ONCE = { autoDestroy: true }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Reads one key as Hypercore does. */
function read(maker: BatchMaker, session: object, key: string): Promise<unknown> | undefined {
  const batch = maker.createReadBatch?.(session, USED_ONCE)
  const value = batch?.get(key)
  batch?.tryFlush()
  return value
}

test('what is read in one turn of the event loop is read at once, apart for each session', async () => {
  const maker = new Maker()
  joinReads(maker)
  const [one, other] = [{}, {}]
  const values = [read(maker, one, 'a'), read(maker, other, 'x'), read(maker, one, 'b')]
  expect(maker.sent).toEqual([])
  await turn()
  expect(maker.sent).toEqual([['a', 'b'], ['x']])
  expect(await Promise.all(values)).toEqual(['a', 'x', 'b'])
  read(maker, one, 'c')
  await turn()
  expect(maker.sent.at(-1)).toEqual(['c'])
})

test('a batch that is used more than once is left alone, and so is a database without batches', () => {
  const maker = new Maker()
  joinReads(maker)
  maker.createReadBatch({}).tryFlush()
  expect(maker.sent).toEqual([[]])
  joinReads(undefined)
  joinReads({})
})

/** How often a drive's database was asked. */
function readsOf(drive: object): number {
  const { corestore } = drive as { corestore: { storage: { db: { _state: { stats: { readBatches: number } } } } } }
  return corestore.storage.db._state.stats.readBatches
}

const MANY = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`sub${i % 10}/${i}`, `${i}`]))

// Each block took more than ten reads on the one side, and two on the other.
test('a download of 1,000 files asks either database less often than once a file', async () => {
  const source = await driveOf(MANY)
  const before = readsOf(source)
  const target = await Download.of(source, folderWith({}))
  await target.run()
  expect(readsOf(source) - before).toBeLessThan(1000)
  expect(readsOf(target.drive)).toBeLessThan(4000)
})

// Each file was looked up in the database, and all were listed again at the end.
test('a folder is published without looking up each file', async () => {
  const { drive } = await openDrive()
  const folder = folderWith(MANY)
  await publish(folder, drive)
  expect(readsOf(drive)).toBeLessThan(500)
  const before = readsOf(drive)
  fill(folder, { 'sub1/1': 'changed' })
  expect(await publish(folder, drive)).toMatchObject({ files: 1000, changed: 1 })
  // It is listed twice, and each file's hash is read.
  expect(readsOf(drive) - before).toBeLessThan(4000)
})
