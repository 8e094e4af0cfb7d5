/**
 * Electron's binary is not on npm, so its scripts run elsewhere: those of the main process in Node, and a preload script in
 * Chromium, where a stand-in for Electron's `require` and its bridge copies values as context isolation does.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { printed } from '../support/command.ts'
import { openKit } from '../support/kit.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'
import { expectMeeting, serveFolder } from '../support/page.ts'

const kit = await openKit('electron')
const browser = useChromium()
const node = (...args: string[]): Promise<string> => printed(process.execPath, args, { cwd: kit.folder })

const PAGE = `<!doctype html><script>
  const bridge = { exposeInMainWorld: (name, call) => { globalThis[name] = async (...args) => structuredClone(await call(...structuredClone(args))) } }
  globalThis.require = (name) => {
    if (name === 'electron') return { contextBridge: bridge }
    throw new Error('a sandboxed preload script cannot require ' + name)
  }
</script><script type="module" src="preload.js"></script>`

test.skipIf(kit.isMissing)('Electron: CommonJS in the main process, as it is and bundled', async () => {
  const { heard, url } = await startMeeting()
  expect(await node('main.cjs', url, 'main')).toBe(`function function function\n${ANSWER}`)
  expect(await node('build.cjs')).toBe('')
  expect(await node('out/main.cjs', url, 'bundle')).toBe(`function function function\n${ANSWER}`)
  expect(heard).toEqual(['hello from main', 'hello from bundle'])
})

test.skipIf(kit.isMissing)('Electron: a bundled preload script, with context isolation', async () => {
  expect(await node('build.cjs')).toBe('')
  writeFileSync(join(kit.folder, 'out/index.html'), PAGE)
  await expectMeeting(browser(), await serveFolder(join(kit.folder, 'out')), 'preload')
})
