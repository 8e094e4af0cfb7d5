/** Tabs of a Chromium, each with one of the pages in bench/browser. They are called like workers. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../test/support/chromium.js'

/** What a page in bench/browser answers. */
export type TabCalls = Record<string, (params: never) => unknown>

/** Dependencies of the client that the workspace's root has not. */
const CLIENT_MODULES = fileURLToPath(new URL('../../packages/proxy-client/node_modules', import.meta.url))

/** A page that has been opened. */
export class Tab {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  call<Result>(method: string, params: unknown = {}): Promise<Result> {
    return this.#page.evaluate(
      ([name, value]) => (globalThis as unknown as { calls: TabCalls }).calls[name as string]?.(value as never),
      [method, params] as const
    ) as Promise<Result>
  }
}

/** How a page is opened. */
export interface TabOptions {
  /** False: there is no WebAssembly, as where a page's policy forbids it. */
  hasWebAssembly: boolean
  /** Arguments of Chromium. Default: none. */
  args?: string[]
}

/** Runs `use` with a tab in a Chromium of its own, which has ended when this resolves. `name` is a file in bench/browser. */
export async function withTab<Result>(
  name: string,
  options: TabOptions,
  use: (tab: Tab) => Promise<Result>
): Promise<Result> {
  return withTabs(name, 1, options, ([tab]) => use(tab as Tab))
}

/** The same with several tabs, each with a process of its own. */
export async function withTabs<Result>(
  name: string,
  count: number,
  options: TabOptions,
  use: (tabs: Tab[]) => Promise<Result>
): Promise<Result> {
  const code = await bundle(name)
  const [site, browser] = [await serve(code), await launchChromium({ args: options.args ?? [] })]
  try {
    const tabs: Tab[] = []
    while (tabs.length < count) tabs.push(await openTab(browser, site.url, options))
    return await use(tabs)
  } finally {
    await browser.close()
    site.close()
  }
}

/** Version of the Chromium that is used. */
export async function chromiumVersion(): Promise<string> {
  const browser = await launchChromium()
  try {
    return browser.version()
  } finally {
    await browser.close()
  }
}

async function openTab(browser: Browser, url: string, { hasWebAssembly }: TabOptions): Promise<Tab> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  if (!hasWebAssembly) await page.addInitScript('delete globalThis.WebAssembly')
  await page.goto(url)
  await page.waitForFunction('globalThis.calls !== undefined')
  return new Tab(page)
}

/** A page that runs this code, from a server: a page from nowhere may not connect to this machine. */
async function serve(code: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const isCode = request.url === '/code.js'
    response.writeHead(200, { 'content-type': isCode ? 'text/javascript' : 'text/html' })
    response.end(isCode ? code : '<!doctype html><script type="module" src="/code.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() }
}

/** Of the sources: what is taken away of them is their types. */
async function bundle(name: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`../browser/${name}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    minify: true,
    conditions: ['@swarmway/source'],
    nodePaths: [CLIENT_MODULES],
    logLevel: 'error',
    write: false
  })
  return outputFiles[0]?.text ?? ''
}
