/** A site in a Hyperdrive of today, written by a process, is shown by a tab. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Bundle, bundleWithEsbuild } from '../../../../packages/proxy-client/test/browser/support/build.ts'
import { openPage } from '../../../../packages/proxy-client/test/browser/support/chromium.ts'
import { startServer } from '../../../../packages/proxy-client/test/browser/support/server.ts'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { createStore } from '../stores.ts'

interface Drive {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  ready(): Promise<void>
  put(path: string, bytes: Uint8Array): Promise<void>
}

const Hyperdrive = createRequire(import.meta.url)('hyperdrive') as new (store: object) => Drive
const FILES = {
  '/index.html':
    '<link rel="stylesheet" href="style/page.css"><h1>A site</h1><img src="/one.svg"><img src="https://elsewhere.example/two.png">' +
    '<script>document.body.textContent = "a script ran"</script>',
  '/style/page.css': 'h1 { color: rgb(1, 2, 3) }',
  '/one.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"/>',
  '/big.bin': 'x'.repeat(300_000)
}

const browser = useChromium()
let app: Bundle
beforeAll(async () => {
  app = await bundleWithEsbuild(fileURLToPath(new URL('app/site.js', import.meta.url)))
})

test('the page has the style and the picture of the drive, and loads and runs nothing else', async () => {
  const { url } = await startServer()
  const key = await shareFiles(url)
  const { page, complaints } = await openPage(browser(), app)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  const found = await page.evaluate(openSite, { url, key: [...key] })
  expect(found).toEqual({ paths: Object.keys(FILES).sort(), bytes: 300_000, missing: null })
  const frame = page.frameLocator('iframe')
  const heading = frame.getByRole('heading', { name: 'A site' })
  await heading.waitFor()
  expect(await heading.evaluate((node) => Reflect.get(globalThis, 'getComputedStyle')(node).color)).toBe('rgb(1, 2, 3)')
  expect(
    await frame
      .locator('img')
      .first()
      .evaluate((image) => Reflect.get(image, 'naturalWidth'))
  ).toBe(7)
  expect(requests.filter((request) => request.includes('elsewhere'))).toEqual([])
  expect(complaints.filter((line) => !line.includes("Blocked script execution in 'about:srcdoc'"))).toEqual([])
})

async function shareFiles(url: string): Promise<Uint8Array> {
  const store = createStore()
  const drive = new Hyperdrive(store)
  await drive.ready()
  for (const [path, text] of Object.entries(FILES)) await drive.put(path, Buffer.from(text))
  const swarm = new ProxyClient({ connect: websocket(url) })
  onTestFinished(() => swarm.destroy())
  swarm.on('connection', (connection) => void store.replicate(connection))
  swarm.join(drive.discoveryKey)
  return drive.key
}

/** Runs in a page. */
function openSite({ key, url }: { key: number[]; url: string }): Promise<unknown> {
  return Reflect.get(globalThis, 'openSite')(url, key)
}
