/**
 * What a user's bundler makes of the built packages, without a flag, an alias or a polyfill: it has to go through, to
 * leave no import of Node's in the output, and to run.
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

  test('leaves no import of a module by name', () => {
    for (const [name, code] of bundle) expect(importsOf(code).filter(isForeign), name).toEqual([])
  })

  test('makes a bundle with which two tabs talk', async () => {
    const { url } = await startServer()
    const pages = await Promise.all([openPage(browser(), bundle), openPage(browser(), bundle)])
    const heard = pages.map(({ page }, index) => page.evaluate(talk, { url, name: `${index}` }))
    expect(await Promise.all(heard)).toEqual(['hello from 1', 'hello from 0'])
    expect(pages.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})

/** What a module imports or requires by name, as code, not as a method like `Buffer.from`. */
function importsOf(code: Uint8Array): string[] {
  const text = Buffer.from(code).toString()
  const found = text.matchAll(/(?<![.$\w])(?:from|import|require|__require)\s*\(?\s*(["'`])([\w@:./-]+)\1/g)
  return [...found].map(([, , name = '']) => name)
}

/** Files of the bundle import each other by path; anything else would have to be there, as in Node. */
function isForeign(name: string): boolean {
  return !name.startsWith('./') && !name.startsWith('../')
}
