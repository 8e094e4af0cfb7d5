import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { rendezvousServer } from '../support/servers.js'
import { figures } from '../support/status/figures.js'
import { open, SCREENSHOTS, serve, state, tile } from '../support/status/tab.js'
import { codeOf, TestClient } from '../support/test-client.js'

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360]
] as const)('%s, %i pixels wide: everything fits, and a screenshot is taken', async (colorScheme, width) => {
  const server = rendezvousServer({ limits: { maxClients: 1 } })
  const { page } = await open((await serve(server)).url, { colorScheme, viewport: { width, height: 800 } })
  await TestClient.connect(server)
  await codeOf(TestClient.connect(server))
  await state(page, 'Refusing clients')
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  expect(overflow).toBeLessThanOrEqual(0)
  const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const brightness = Number(/\d+/.exec(background))
  if (colorScheme === 'dark') expect(brightness).toBeLessThan(60)
  else expect(brightness).toBeGreaterThan(200)
  await page.screenshot({ path: `${SCREENSHOTS}${colorScheme}-${width}.png`, fullPage: true })
})

// At 320 pixels, an IPv6 address made the page wider than the screen.
test.each([1280, 900, 380, 320])(
  'at %i pixels, all tables are on the screen, and their buttons can be pressed',
  async (width) => {
    const client = {
      userAgent: 'swarmway-cli/0.1.0 and a long description of itself',
      topics: 2,
      streams: 3,
      bytes: 5_000_000
    }
    const worker = { clients: 5, streams: 7, bytes: 0, rssBytes: 200_000_000, loopDelayMs: 12, startedAt: 0 }
    const snapshot = () =>
      figures({
        processes: 2,
        restarts: 1,
        workers: [11, 22].map((pid) => ({ ...worker, pid })),
        busiest: [1, 2, 3].map((number) => {
          return {
            ...client,
            pid: 11,
            number,
            address: `2001:db8:1234:5678:9abc:def0:1234:${number}`,
            roundTripMs: number * 48
          }
        }),
        errors: ['AUTH_DENIED', 'WORKER_DIED', 'DHT_OFFLINE'].map((code) => {
          return {
            code,
            text: 'A session was ended because of a fault of its client',
            count: 1234,
            firstAt: 0,
            lastAt: 1
          }
        })
      })
    const { page } = await open((await serve({ snapshot, cutOff: () => true })).url, {
      viewport: { width, height: 800 }
    })
    const buttons = page.locator('td button')
    await buttons.nth(2).waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    const edgeOf = async (element: Locator) => {
      const box = await element.boundingBox()
      return (box?.x ?? Number.POSITIVE_INFINITY) + (box?.width ?? 0)
    }
    const edge = await edgeOf(page.locator('#plots'))
    for (const element of await page.locator('table, td button').all()) {
      if (await element.isVisible()) expect(await edgeOf(element)).toBeLessThanOrEqual(edge)
    }
    await page.screenshot({ path: `${SCREENSHOTS}tables-${width}.png`, fullPage: true })
  }
)

// In five columns, at 800 pixels, "20784 d 5 h" was wider than its tile, and "3 other servers" everywhere.
test.each([1280, 1000, 800, 380, 320])('at %i pixels, large figures fit into their tiles', async (width) => {
  const startedAt = Date.now() - 99 * 86_400_000 - 23 * 3_600_000
  const fleet = { processes: 16, online: 3, servers: 25, clients: 123_456, links: 400, list: [] }
  const dht = { nodes: 16, online: 15, firewalled: 16 }
  const large = {
    clients: 1_234_567,
    maxClients: 9_999_999,
    directBytes: 999e12,
    rssBytes: 999e9,
    loopDelayMs: 99_999,
    dhtWaiting: 1234,
    fleet,
    dht
  }
  const { page } = await open((await serve({ snapshot: () => figures({ ...large, startedAt }) })).url, {
    viewport: { width, height: 800 }
  })
  await tile(page, 'Up', /^99.d.23.h$/)
  const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('.tile')]
    .filter((tile) => [...tile.querySelectorAll('.value, .detail')].some((one) => one.scrollWidth > one.clientWidth))
    .map((tile) => tile.textContent)`)
  expect(wide).toEqual([])
})
