/**
 * A proxied swarm in a browser is a swarm: runs the whole contract suite of packages/swarm in Chromium's pages and
 * workers. The tests run in the browser; here each is reported under its name.
 */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../../../test/support/chromium.js'
import type { Place } from './suite/place.js'
import type { Suite } from './suite/runner.js'
import { type Bundle, buildPackages, bundleWithEsbuild } from './support/build.js'
import { createLab, type Lab } from './support/lab.js'
import { type Site, serve } from './support/site.js'

const PAGE = 'contract.js'
const WORKER = 'worker-host.js'

/** Where the clients run, how they reach the servers, and how many servers there are. */
const PLACES = [
  { name: 'in a page, over WebSockets', script: PAGE, isThroughPage: false, servers: 1 },
  { name: 'in a page, on two servers in turn', script: PAGE, isThroughPage: false, servers: 2 },
  { name: 'in a Web Worker, over WebSockets', script: WORKER, isThroughPage: false, servers: 1 },
  {
    name: "in a Web Worker, over MessagePorts to its page's WebSockets",
    script: WORKER,
    isThroughPage: true,
    servers: 1
  }
]

const source = (name: string) => fileURLToPath(new URL(`suite/${name}`, import.meta.url))

buildPackages()
const bundle = await bundleSuite()
const browser = await launchChromium()
const tests = await listTests(browser, bundle)
afterAll(() => browser.close())

test('the suite has tests', () => expect(tests.length).toBeGreaterThan(20))

describe.each(PLACES)('a swarm: $name', ({ script, isThroughPage, servers }) => {
  let lab: Lab
  let site: Site
  let page: Page
  beforeAll(async () => {
    lab = await createLab(servers)
    site = await serve(bundle)
    page = await openSuite(browser, site, script, { urls: lab.urls, isThroughPage })
    expect(await page.evaluate(() => (globalThis as unknown as { suite: Suite }).suite.begin())).toBeNull()
  })
  afterAll(async () => {
    const outcome = await page?.evaluate(() => (globalThis as unknown as { suite: Suite }).suite.end())
    await page?.close()
    await site?.close()
    await lab?.destroy()
    expect(outcome).toBeNull()
  })

  for (const { isSkipped, name } of tests) {
    test.skipIf(isSkipped)(name, async () => {
      const run = (title: string) => (globalThis as unknown as { suite: Suite }).suite.run(title)
      const failure = await page.evaluate(run, name)
      if (failure !== null) throw new Error(failure)
    })
  }
})

function bundleSuite(): Promise<Bundle> {
  return bundleWithEsbuild(source('contract.ts'), {
    entryPoints: { contract: source('contract.ts'), 'worker-host': source('worker-host.ts') },
    alias: { vitest: source('vitest.ts') },
    // One by one: a worker has its own copy of everything.
    splitting: false,
    minify: false
  })
}

async function listTests(browser: Browser, bundle: Bundle): Promise<ReturnType<Suite['list']>> {
  const site = await serve(bundle)
  const page = await openSuite(browser, site, PAGE, { urls: [], isThroughPage: false })
  const list = await page.evaluate(() => (globalThis as unknown as { suite: Suite }).suite.list())
  await page.close()
  await site.close()
  return list
}

async function openSuite(browser: Browser, site: Site, script: string, place: Place): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(site.url)
  await page.addScriptTag({ type: 'module', url: `/${script}` })
  await page.waitForFunction('globalThis.suite !== undefined')
  const settle = (settled: Place) =>
    (globalThis as unknown as { suite: { settle(place: Place): void } }).suite.settle(settled)
  await page.evaluate(settle, place)
  return page
}
