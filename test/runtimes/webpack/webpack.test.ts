import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { printed } from '../support/command.ts'
import { openKit } from '../support/kit.ts'
import { expectMeeting, serveFolder } from '../support/page.ts'

const kit = await openKit('webpack')
const browser = useChromium()

test.skipIf(kit.isMissing)('webpack 5: the proxy client in a page, with no setting', async () => {
  expect(await printed(process.execPath, ['build.js'], { cwd: kit.folder })).toBe('')
  for (const target of ['web', 'webworker']) {
    const folder = join(kit.folder, 'out', target)
    writeFileSync(join(folder, 'index.html'), '<!doctype html><script src="main.js"></script>')
    await expectMeeting(browser(), await serveFolder(folder), `webpack-${target}`)
  }
})
