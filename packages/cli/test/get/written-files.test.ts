import { expect, test } from 'vitest'
import { WrittenFiles } from '../../src/get/written-files.js'
import { temporaryFolder } from '../support/net.js'

const FILE = { bytes: 1, sha256: 'a'.repeat(64), contentId: 'x' }

// A file that an earlier run had written was not named when it was withdrawn during this one.
test('what an earlier run has written is known, and was not added by this one', () => {
  const [notes, folder] = [temporaryFolder(), temporaryFolder()]
  const open = () => new WrittenFiles(notes, new Uint8Array(32), folder)
  const first = open()
  first.begin()
  first.add('/a', FILE)
  first.tidy()
  expect([first.has('/a'), first.wasAdded('/a')]).toEqual([true, true])
  const second = open()
  expect([second.has('/a'), second.wasAdded('/a')]).toEqual([true, false])
  second.begin()
  second.add('/b', FILE)
  second.close()
  expect(['/a', '/b'].map((key) => open().has(key))).toEqual([true, true])
})
