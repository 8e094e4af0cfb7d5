import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { writeFile } from '../../src/get/write-file.js'
import { temporaryFolder } from '../support/net.js'

/**
 * Ctrl-C while the temporary file was being opened destroyed a stream that nobody read yet. Its error was uncaught, so the
 * process ended at once and left the temporary file behind.
 */
test('an interruption before the content is read leaves no file and no uncaught error', async () => {
  const folder = temporaryFolder()
  const controller = new AbortController()
  const written = writeFile(join(folder, 'file'), new Readable({ read: () => {} }), {
    unfinished: join(folder, '.unfinished'),
    before: null,
    signal: controller.signal,
    onWhole: () => {}
  })
  controller.abort(new Error('interrupted'))
  await expect(written).rejects.toThrow('interrupted')
  expect(readdirSync(folder)).toEqual([])
})
