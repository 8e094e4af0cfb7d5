import { join } from 'node:path'
import { test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { openKit } from '../support/kit.ts'
import { expectMeeting, serveFolder } from '../support/page.ts'

const kit = await openKit('parcel')
const browser = useChromium()

test.skipIf(kit.isMissing)('Parcel 2: the proxy client in a page, with `packageExports` in package.json', async () => {
  await kit.run('parcel', ['build', 'index.html', '--no-cache', '--dist-dir', 'out'])
  await expectMeeting(browser(), await serveFolder(join(kit.folder, 'out')), 'parcel')
})
