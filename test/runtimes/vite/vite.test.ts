import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { openKit } from '../support/kit.ts'
import { expectMeeting, serveFolder } from '../support/page.ts'

const kit = await openKit('vite')
const browser = useChromium()

test.skipIf(kit.isMissing)('Vite 8: the proxy client in a built page, with no setting', async () => {
  await kit.run('vite', ['build', '--outDir', 'out'])
  await expectMeeting(browser(), await serveFolder(join(kit.folder, 'out')), 'vite')
})

test.skipIf(kit.isMissing)('Vite 8: the proxy client in a page of the development server', async () => {
  const server = spawn(process.execPath, ['serve.js'], { cwd: kit.folder, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const [url] = (await once(server.stdout, 'data')) as [Buffer]
  await expectMeeting(browser(), String(url).trim(), 'vite-dev')
})
