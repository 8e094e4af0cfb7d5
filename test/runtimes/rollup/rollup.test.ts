import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { openKit } from '../support/kit.ts'
import { expectMeeting, serveFolder } from '../support/page.ts'

const kit = await openKit('rollup')
const browser = useChromium()

test.skipIf(kit.isMissing)('Rollup 4: the proxy client in a page, with its two usual plugins', async () => {
  await kit.run('rollup', ['--config', '--failAfterWarnings'])
  writeFileSync(join(kit.folder, 'out/index.html'), '<!doctype html><script type="module" src="page.js"></script>')
  await expectMeeting(browser(), await serveFolder(join(kit.folder, 'out')), 'rollup')
})
