/**
 * Bundles the built packages as a user would, without a flag, an alias or a polyfill: bundling must succeed, the output
 * must import nothing of Node's, and it must run.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { type Bundle, buildPackages, bundleWithEsbuild, bundleWithVite, fixture } from './support/build.js'
import { openPage } from './support/chromium.js'
import { startServer } from './support/server.js'
import { talk } from './support/talk.js'

const APP = fixture('app.js')

beforeAll(buildPackages)
const browser = useChromium()

const BUNDLERS = {
  esbuild: () => bundleWithEsbuild(APP),
  'esbuild, in one file': () => bundleWithEsbuild(APP, { splitting: false }),
  Vite: () => bundleWithVite(APP)
}

describe.each(Object.entries(BUNDLERS))('%s', (_name, makeBundle) => {
  let bundle: Bundle
  beforeAll(async () => {
    bundle = await makeBundle()
  })

  test('leaves no import by module name', () => {
    for (const [name, code] of bundle) expect(importsOf(code).filter(isForeign), name).toEqual([])
  })

  test('produces a bundle that lets two tabs talk', async () => {
    const { url } = await startServer()
    const pages = await Promise.all([openPage(browser(), bundle), openPage(browser(), bundle)])
    const heard = pages.map(({ page }, index) => page.evaluate(talk, { url, name: `${index}` }))
    expect(await Promise.all(heard)).toEqual(['hello from 1', 'hello from 0'])
    expect(pages.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})

/** The names a module imports or requires; methods such as `Buffer.from` do not count. */
function importsOf(code: Uint8Array): string[] {
  const text = Buffer.from(code).toString()
  const found = text.matchAll(/(?<![.$\w])(?:from|import|require|__require)\s*\(?\s*(["'`])([\w@:./-]+)\1/g)
  return [...found].map(([, , name = '']) => name)
}

/** Files of the bundle import each other by path; other imports would need resolution at run time, as in Node. */
function isForeign(name: string): boolean {
  return !name.startsWith('./') && !name.startsWith('../')
}
