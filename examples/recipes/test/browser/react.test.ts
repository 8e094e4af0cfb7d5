import { fileURLToPath } from 'node:url'
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import type { Page } from 'playwright-core'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Bundle, bundleWithEsbuild } from '../../../../packages/proxy-client/test/browser/support/build.ts'
import { openPage } from '../../../../packages/proxy-client/test/browser/support/chromium.ts'
import { startServer } from '../../../../packages/proxy-client/test/browser/support/server.ts'
import { useChromium } from '../../../../test/support/use-chromium.ts'

const browser = useChromium()
let app: Bundle
beforeAll(async () => {
  // React reports misuse in development only.
  const define = { 'process.env.NODE_ENV': '"development"' }
  app = await bundleWithEsbuild(fileURLToPath(new URL('app/react.js', import.meta.url)), { define })
})

test('a component sees the peers on its topic, whichever it is, and leaves nothing behind', async () => {
  const { server, url } = await startServer()
  for (const topic of ['tea', 'tea', 'milk']) startPeer(url, topic)
  const { complaints, page } = await openPage(browser(), app)
  await show(page, url, 'tea')
  await page.getByText('tea: 2', { exact: true }).waitFor()
  // Strict Mode mounts twice, and there is one client.
  await expect.poll(() => server.clients.size).toBe(4)
  await show(page, url, 'milk')
  await page.getByText('milk: 1', { exact: true }).waitFor()
  await page.evaluate(() => Reflect.get(globalThis, 'hide')())
  await expect.poll(() => server.clients.size).toBe(3)
  expect(complaints).toEqual([])
})

test('a peer that goes is no longer counted', async () => {
  const { url } = await startServer()
  const [, going] = [startPeer(url, 'tea'), startPeer(url, 'tea')]
  const { page } = await openPage(browser(), app)
  await show(page, url, 'tea')
  await page.getByText('tea: 2', { exact: true }).waitFor()
  await going.destroy()
  await page.getByText('tea: 1', { exact: true }).waitFor()
})

function startPeer(url: string, topic: string): ProxyClient {
  const peer = new ProxyClient({ connect: websocket(url) })
  onTestFinished(() => peer.destroy())
  peer.join(topicFrom(topic))
  return peer
}

function show(page: Page, url: string, topic: string): Promise<void> {
  return page.evaluate(([server, name]) => Reflect.get(globalThis, 'show')(server, name), [url, topic] as const)
}
