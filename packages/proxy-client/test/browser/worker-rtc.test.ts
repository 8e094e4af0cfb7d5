/** Swarms in workers, with the WebRTC of pages. */
import { randomBytes } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { PATIENCE_MS } from '../../../../test/support/chromium.js'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { startServer } from './support/server.js'
import { serve } from './support/site.js'

/** What a worker says about its swarm. */
interface State {
  bytes: number
  peers: string[]
  /** Messages that were not for the application. */
  foreign: number
  direct: { opened: number; lost: number; failed: number; refused: number }
}

// Pages of one machine reach each other by its own addresses only.
const browser = useChromium({
  args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns']
})
let bundle: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('worker-rtc.js'))
})

test.each(['dedicated', 'shared'])(
  'the swarm of a %s worker moves to direct paths, with the WebRTC of its page',
  async (kind) => {
    const pages = await meet([kind, kind])
    await whenPaths(pages, 'direct')
    const [one, other] = pages
    await one.evaluate(`tell({ type: 'send', bytes: 3_000_000 })`)
    await expect.poll(async () => (await look(other)).bytes).toBe(3_000_000)
    await other.evaluate(`tell({ type: 'send', bytes: 2_000_000 })`)
    await expect.poll(async () => (await look(one)).bytes).toBe(2_000_000)
    const { direct, foreign } = await look(one)
    // Attempts may fail on a busy machine.
    expect({ direct, foreign }).toMatchObject({ direct: { refused: 0 }, foreign: 0 })
  }
)

test('a page that no longer lends leaves the connection of its worker to the proxy server, until it lends again', async () => {
  const pages = await meet(['dedicated', 'shared'])
  const [one, other] = pages
  await whenPaths(pages, 'direct')
  for (const [page, sum] of [
    [one, 1_000_000],
    [other, 2_000_000]
  ] as const) {
    await page.evaluate('stopLending()')
    await whenPaths(pages, 'proxied')
    await one.evaluate(`tell({ type: 'send', bytes: 1_000_000 })`)
    await expect.poll(async () => (await look(other)).bytes).toBe(sum)
    await page.evaluate('lendAgain()')
    await whenPaths(pages, 'direct')
  }
})

test('when the page that lends to a shared worker is closed, another page of its origin takes over', async () => {
  const { url } = await startServer()
  const topic = randomBytes(32).toString('hex')
  const { context, page: staying, site } = await openPage()
  await staying.evaluate(`start('shared')`)
  // The worker has the loan of the one that stays, so the other one is the last to lend.
  await staying.evaluate(`tell({ type: 'look' })`)
  await expect.poll(async () => (await look(staying)).bytes).toBe(0)
  const leaving = await loadPage(context, site)
  await leaving.evaluate(`start('shared')`)
  const { page: peer } = await openPage()
  await peer.evaluate(`start('dedicated')`)
  // Nothing orders what comes from two pages. What one page says comes in order: the worker has its loan first.
  for (const page of [leaving, peer]) await page.evaluate(`tell({ type: 'open', url: '${url}', topic: '${topic}' })`)
  await whenPaths([staying, peer], 'direct')
  expect(await leaving.evaluate('openPeerConnections()')).toBe(1)
  await leaving.close({ runBeforeUnload: true })
  await expect.poll(() => staying.evaluate('openPeerConnections()')).toBe(1)
  await whenPaths([staying, peer], 'direct')
  await peer.evaluate(`tell({ type: 'send', bytes: 1_000_000 })`)
  await expect.poll(async () => (await look(staying)).bytes).toBe(1_000_000)
})

test('after a worker was terminated, the end of the loan closes its peer connections', async () => {
  const pages = await meet(['dedicated', 'dedicated'])
  await whenPaths(pages, 'direct')
  expect(await pages[0].evaluate('openPeerConnections()')).toBe(1)
  await pages[0].evaluate('worker.terminate(), stopLending()')
  expect(await pages[0].evaluate('openPeerConnections()')).toBe(0)
  await expect.poll(async () => (await look(pages[1])).peers).toEqual([])
})

/** Pages with a worker each, on one topic. Each is in a context of its own, so that shared workers are not shared. */
async function meet(kinds: readonly string[]): Promise<[Page, Page]> {
  const { url } = await startServer()
  const topic = randomBytes(32).toString('hex')
  const pages: Page[] = []
  for (const kind of kinds) {
    const { page } = await openPage()
    await page.evaluate(`start('${kind}')`)
    await page.evaluate(`tell({ type: 'open', url: '${url}', topic: '${topic}' })`)
    pages.push(page)
  }
  return pages as [Page, Page]
}

async function openPage(): Promise<{ context: BrowserContext; page: Page; site: string }> {
  const site = await serve(bundle)
  const context = await browser().newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  onTestFinished(() => context.close().then(() => site.close()))
  return { context, page: await loadPage(context, site.url), site: site.url }
}

async function loadPage(context: BrowserContext, site: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site)
  await page.addScriptTag({ type: 'module', url: '/app.js' })
  await page.waitForFunction(() => 'start' in globalThis)
  return page
}

async function whenPaths(pages: readonly Page[], path: string): Promise<void> {
  await expect
    .poll(async () => (await Promise.all(pages.map(look))).map(({ peers }) => peers))
    .toEqual(pages.map(() => [path]))
}

function look(page: Page): Promise<State> {
  return page.evaluate('state')
}
