import { randomBytes } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect } from 'vitest'
import { useChromium } from '../../../../../test/support/use-chromium.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './build.js'
import { openPage } from './chromium.js'
import { startServer } from './server.js'

/** What a tab says about its connection. */
export interface State {
  isOpen: boolean
  path: string | null
  bytes: number
  directMs: number
  errors: string[]
  paths: string[]
  direct: { attempts: number; opened: number; lost: number; regained: number; refused: number; failed: number }
  isConnected: boolean
}

/** Tabs that run ../app/direct.js. To be made once, at the top of a test file. */
export class DirectTabs {
  // Tabs of one machine reach each other by its own addresses only.
  readonly #browser: () => Browser = useChromium({
    args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns']
  })
  #bundle: Bundle = new Map()

  constructor() {
    beforeAll(async () => {
      buildPackages()
      this.#bundle = await bundleWithEsbuild(fixture('direct.js'))
    })
  }

  /** One that has joined nothing. */
  async openTab(): Promise<Page> {
    return (await openPage(this.#browser(), this.#bundle)).page
  }

  /** A tab with each of these options, on one topic. They take the servers in turn. */
  async open<Options extends object[]>(
    urls: readonly string[],
    options: [...Options],
    topic = randomBytes(32).toString('hex')
  ) {
    const tabs: Page[] = []
    for (const own of options) {
      const page = await this.openTab()
      await page.evaluate(`join('${urls[tabs.length % urls.length]}', '${topic}', ${JSON.stringify(own)})`)
      tabs.push(page)
    }
    return tabs as { [Index in keyof Options]: Page }
  }

  /** Two tabs on a direct path, and the server through which they met. */
  async meet() {
    const { server, url } = await startServer()
    const tabs = await this.open([url], [{}, {}])
    await whenDirect(tabs, 1)
    return { server, tabs, url }
  }
}

/** Loads a tab again, and has it join the same topic again. */
export async function reload(tab: Page, url: string, topic: string): Promise<void> {
  await tab.reload()
  await tab.addScriptTag({ type: 'module', url: '/app.js' })
  await tab.evaluate(`join('${url}', '${topic}')`)
}

/** Resolves when each tab has a direct path to each other one, and no further connection. */
export async function whenMesh(tabs: readonly Page[]): Promise<void> {
  const isMesh = async () => {
    const all = await Promise.all(tabs.map((tab) => tab.evaluate<string[]>('allPaths()')))
    return all.every((paths) => paths.length === tabs.length - 1 && paths.every((path) => path === 'direct'))
  }
  await expect.poll(isMesh, { timeout: 240_000 }).toBe(true)
}

/** Resolves when both are on a direct path, at least their `count`th. */
export async function whenDirect(tabs: readonly Page[], count: number): Promise<void> {
  const isThere = ({ direct, path }: State) => path === 'direct' && direct.opened >= count
  await expect.poll(async () => (await Promise.all(tabs.map(look))).every(isThere)).toBe(true)
}

/** What a tab says about its connection. */
export function look(tab: Page): Promise<State> {
  return tab.evaluate('look()')
}

/** Sends megabytes from one tab to the other, which must not have received anything since the last time, and compares hashes. */
export async function transfer(from: Page, to: Page, megabytes: number): Promise<void> {
  const sent = await from.evaluate(`send(${megabytes})`)
  await expect.poll(async () => (await look(to)).bytes).toBe(megabytes * 1_000_000)
  expect(await to.evaluate('receivedHash()')).toBe(sent)
}
