import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OpenedAhead } from '../../src/get/opened-ahead.js'
import { PartFile } from '../../src/get/part-file.js'
import { temporaryFolder } from '../support/net.js'

function partsIn(folder: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({ part: new PartFile(join(folder, `${i}`)), i }))
}

test('a few files are opened before they are taken, and those that are left are closed and removed', async () => {
  const folder = temporaryFolder()
  const works = partsIn(folder, 20)
  const opened = new OpenedAhead(works, ({ part }) => part.open(null))
  await opened.take(0)
  await opened.take(1)
  await works[0]?.part.write(Buffer.from('x'))
  for (const { part } of works.slice(0, 2)) part.close()
  await opened.close()
  expect(readdirSync(folder)).toEqual(['0'])
})

test('a file that cannot be opened is an error when it is its turn, and closes the others', async () => {
  const folder = temporaryFolder()
  const opened = new OpenedAhead(partsIn(folder, 3), async ({ i, part }) => {
    if (i === 1) throw new Error('no')
    await part.open(null)
  })
  await opened.take(0)
  await expect(opened.take(1)).rejects.toThrow('no')
  await opened.close()
  expect(readdirSync(folder)).toEqual(['0'])
})
