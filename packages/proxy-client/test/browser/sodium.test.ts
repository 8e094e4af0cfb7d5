/** Fast crypto is used automatically where WebAssembly may run; where it may not, everything still works. */
import { beforeAll, expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { type Bundle, buildPackages, bundleWithEsbuild, bundleWithVite, fixture } from './support/build.js'
import { openPage } from './support/chromium.js'
import { startServer } from './support/server.js'
import { talk } from './support/talk.js'

const browser = useChromium()
let bundle: Bundle
let viteBundle: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('sodium.js'))
  viteBundle = await bundleWithVite(fixture('sodium.js'))
})

/** A policy that many sites use. */
function policy(scripts: string): Record<string, string> {
  const sources = `default-src 'none'; script-src ${scripts}; connect-src *; img-src data:`
  return { 'content-security-policy': sources }
}

test.each([
  ['any page', {}, true],
  ['a strict Content-Security-Policy that allows WebAssembly', policy("'self' 'wasm-unsafe-eval'"), true],
  // WebAssembly exists but throws, which made sodium-javascript break the page while it was loading.
  ['a Content-Security-Policy that forbids WebAssembly', policy("'self'"), false]
])('%s: tabs talk, and WebAssembly is in use if allowed', async (_what, headers, isFast) => {
  const { url } = await startServer()
  const pages = [await openPage(browser(), bundle, { headers }), await openPage(browser(), viteBundle, { headers })]
  const heard = pages.map(({ page }, index) => page.evaluate(talk, { url, name: `${index}` }))
  expect(await Promise.all(heard)).toEqual(['hello from 1', 'hello from 0'])
  for (const { page, complaints } of pages) {
    expect(await page.evaluate(hasten)).toBe(isFast)
    expect(await page.evaluate(() => typeof (globalThis as { WebAssembly?: object }).WebAssembly)).toBe('object')
    // The browser logs which part of the policy was violated. Nothing else is logged.
    expect(complaints.filter((text) => !/WebAssembly|wasm/.test(text))).toEqual([])
  }
})

test('tabs talk even if libsodium cannot be loaded', async () => {
  const { url } = await startServer()
  const withoutIt = new Map([...bundle].filter(([name]) => !name.includes('libsodium')))
  expect(withoutIt.size).toBe(bundle.size - 1)
  const pages = [await openPage(browser(), withoutIt), await openPage(browser(), bundle)]
  const heard = pages.map(({ page }, index) => page.evaluate(talk, { url, name: `${index}` }))
  expect(await Promise.all(heard)).toEqual(['hello from 1', 'hello from 0'])
  expect(await pages[0]?.page.evaluate(hasten)).toBe(false)
  expect(pages[0]?.complaints.filter((text) => !/404/.test(text))).toEqual([])
})

/** Runs in the page. */
function hasten(): Promise<boolean> {
  return (globalThis as unknown as { hastenSodium(): Promise<boolean> }).hastenSodium()
}
