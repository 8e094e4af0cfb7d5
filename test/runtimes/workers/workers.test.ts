/** The proxy client in Chromium's workers. Needs nothing from npm, so CI runs it on every change. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useChromium } from '../../support/use-chromium.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'
import { serveFolder, visit } from '../support/page.ts'

const browser = useChromium()
const folder = mkdtempSync(join(tmpdir(), 'swarmway-workers-'))
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

beforeAll(async () => {
  await esbuild.build({ entryPoints: [pathOf('page.js')], outdir: folder })
  for (const format of ['esm', 'iife'] as const) {
    await esbuild.build({ entryPoints: { [format]: pathOf('worker.js') }, bundle: true, format, outdir: folder })
  }
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script src="page.js"></script>')
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['web', 'module'],
  ['web', 'classic'],
  ['shared', 'module'],
  ['shared', 'classic'],
  ['service', 'module'],
  ['service', 'classic']
])('Chromium: the proxy client in a %s worker of type %s', async (kind, type) => {
  const { heard, url } = await startMeeting()
  const { complaints, page } = await visit(browser(), await serveFolder(folder))
  expect(await page.evaluate(meetIn, { kind, type, url })).toBe(ANSWER)
  expect(heard).toEqual([`hello from ${kind}`])
  expect(complaints).toEqual([])
})

/** Runs in a page. */
function meetIn({ kind, type, url }: { kind: string; type: string; url: string }): Promise<string> {
  const script = type === 'module' ? '/esm.js' : '/iife.js'
  return Reflect.get(globalThis, 'meetIn')(kind, script, type, { url, name: kind })
}
