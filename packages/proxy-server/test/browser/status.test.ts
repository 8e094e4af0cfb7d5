import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { PeerStream } from '@swarmway/proxy-protocol'
import type { Locator } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import type { ProxyServer } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { figures } from '../support/status/figures.js'
import { open, SCREENSHOTS, serve, state, tile } from '../support/status/tab.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'

const TOKEN = 'a token of many letters'

/** Runs in the page. */
const isDrawn = `(canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return new Set(data).size > 3
}`

/** Two connected clients, one of which keeps sending to the other. */
async function talk(server: ProxyServer): Promise<PeerStream> {
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  await b.listen()
  await b.announce(topicOf(1))
  const stream = await a.dial(b.keyPair.publicKey)
  for (const accepted of b.accepted) accepted.resume()
  const timer = setInterval(() => stream.write(new Uint8Array(20_000)), 20)
  onTestFinished(() => clearInterval(timer))
  return stream
}

test('the page shows current figures, loads only from its own server, and logs no errors', async () => {
  const server = rendezvousServer()
  const status = await serve(server)
  const { hosts, page, problems } = await open(status.url)
  await state(page, 'All well')
  expect(await page.title()).toBe(`✓ All well – Swarmway proxy on ${hostname()}`)
  await tile(page, 'Clients', /^0$/)
  const stream = await talk(server)
  await tile(page, 'Clients', /^2$/)
  await tile(page, 'Topics', /^1$/)
  await tile(page, 'Streams', /^1$/)
  await tile(page, 'From clients', /\d+.[kM]B\/s/)
  await tile(page, 'To clients', /\d+.[kM]B\/s/)
  await page.getByText('0 native, 1 between clients').waitFor()
  await page
    .locator('figcaption', { hasText: 'Traffic' })
    .getByText(/[1-9].*kB\/s/)
    .first()
    .waitFor()
  stream.destroy()
  await tile(page, 'Streams', /^0$/)
  await page.locator('td', { hasText: 'The other side closed it or is gone' }).waitFor()
  expect(problems).toEqual([])
  expect([...hosts]).toEqual([`127.0.0.1:${status.address.port}`])
})

test('a new page has the earlier plots, however many points they have', async () => {
  const server = rendezvousServer()
  const status = await serve(server)
  const first = await open(status.url)
  await state(first.page, 'All well')
  await first.page.waitForFunction(
    `fetch('status.json').then((answer) => answer.json()).then(({ points }) => points.length > 8)`
  )
  const { page } = await open(status.url)
  await state(page, 'All well')
  const drawn = await page.evaluate<boolean[]>(`[...document.querySelectorAll('canvas')].map(${isDrawn})`)
  expect(drawn).toEqual(Array(6).fill(true))
})

test('refusals are named in the state line and in the table', async () => {
  const server = rendezvousServer({ limits: { maxClients: 1 } })
  const { page } = await open((await serve(server)).url)
  await state(page, 'All well')
  // One that holds nothing gives up its place after a while.
  await (await TestClient.connect(server)).announce(topicOf(1))
  await state(page, 'Full: 1 of at most 1 clients')
  for (let i = 0; i < 3; i++) expect(await codeOf(TestClient.connect(server))).toBe('LIMIT')
  await state(page, 'Refusing clients: 3 in the last minute, the limit is 1')
  expect(await page.title()).toMatch(/^✕ Refusing clients/)
  const row = page.locator('tr', { hasText: 'Too many clients' })
  expect(await row.locator('td').allTextContents()).toEqual(['Too many clients', '3', '3'])
})

// The sums hid a worker that was busy, or that had died and come back.
test('several processes are listed one by one, the busiest first', async () => {
  const worker = { startedAt: Date.now() - 60_000, clients: 5, streams: 2, rssBytes: 5e7, loopDelayMs: 3 }
  let bytes = 0
  const snapshot = () => {
    bytes += 10_000_000
    return figures({
      workers: [
        { ...worker, pid: 11, bytes: 0 },
        { ...worker, pid: 22, bytes, loopDelayMs: 300 }
      ]
    })
  }
  const { page } = await open((await serve({ snapshot })).url)
  const rows = page.locator('table', { hasText: 'Process' }).locator('tbody tr')
  await rows.first().filter({ hasText: /^22/ }).waitFor()
  expect(await rows.allTextContents()).toEqual([expect.stringMatching(/^22.*300\sms/), expect.stringMatching(/^11/)])
})

test('one process has no list of processes', async () => {
  const { page } = await open((await serve(rendezvousServer())).url)
  await state(page, 'All well')
  expect(await page.locator('table', { hasText: 'Process' }).isHidden()).toBe(true)
})

// An operator could see that the server was busy, but not who kept it busy.
test('the busiest clients are listed', async () => {
  const client = { pid: 1, address: null, userAgent: 'app/1', topics: 2, streams: 3, roundTripMs: null }
  const busiest = [
    { ...client, number: 7, bytes: 5_000_000 },
    { ...client, number: 1, bytes: 1000, address: '192.0.2.1', userAgent: '<b>bold</b>', roundTripMs: 48 }
  ]
  const { page } = await open((await serve({ snapshot: () => figures({ busiest }) })).url)
  const rows = page.locator('table', { hasText: 'Busiest clients' }).locator('tbody tr')
  await rows.first().waitFor()
  expect(await rows.allTextContents()).toEqual([
    expect.stringMatching(/^client 7app\/1.*MB\/s23$/),
    expect.stringMatching(/^192\.0\.2\.1<b>bold<\/b>.*48\sms/)
  ])
  expect(await page.locator('button').count()).toBe(0)
})

test('a client is cut off by two presses of its button', async () => {
  const client = { pid: 7, userAgent: 'app/1', topics: 2, streams: 3, roundTripMs: null, bytes: 1000 }
  const busiest = [{ ...client, number: 3, address: '192.0.2.1' }]
  const cut: number[][] = []
  const cutOff = (pid: number, number: number) => cut.push([pid, number]) === 1
  const { page, problems } = await open((await serve({ snapshot: () => figures({ busiest }), cutOff })).url)
  const button = page.getByRole('button', { name: 'Cut off 192.0.2.1' })
  await button.click()
  await page.getByText('Sure?').waitFor()
  expect(cut).toEqual([])
  await page.getByText('Sure?').click()
  await page.getByText('192.0.2.1 was cut off; it may come back in a minute.').waitFor()
  expect(cut).toEqual([[7, 3]])
  expect(problems).toEqual([])
  await button.click()
  await page.getByText('Sure?').click()
  await page.getByText('There is no such client any more.').waitFor()
})

/** Two clients whose traffic can be changed, and the page that lists them. */
async function openBusiest() {
  const bytes = [9000, 1000]
  const client = { pid: 7, userAgent: 'app/1', topics: 2, streams: 3, roundTripMs: null }
  const clientOf = (size: number, i: number) => ({ ...client, bytes: size, number: i, address: `192.0.2.${i}` })
  const busiest = () => bytes.map(clientOf).sort((a, b) => b.bytes - a.bytes)
  const { url } = await serve(
    { snapshot: () => figures({ busiest: busiest() }), cutOff: () => true },
    { intervalMs: 1000 }
  )
  const { page } = await open(url)
  const rows = page.locator('table.clients tbody tr')
  await rows.nth(1).waitFor()
  const order = () => rows.locator('td:first-child').allTextContents()
  return { bytes, order, page, rows }
}

// The figures of all clients stood still as long as a button had the focus.
test('while a button has the focus, figures change and rows stay where they are', async () => {
  const { bytes, order, page, rows } = await openBusiest()
  const button = page.getByRole('button', { name: 'Cut off 192.0.2.0' })
  await button.focus()
  bytes[1] = 20_000
  await rows
    .nth(1)
    .getByText(/^20\skB\/s$/)
    .waitFor()
  expect(await order()).toEqual(['192.0.2.0', '192.0.2.1'])
  expect(await page.locator('button:focus').getAttribute('aria-label')).toBe('Cut off 192.0.2.0')
  bytes.shift()
  await rows
    .nth(0)
    .getByText(/^20\skB\/s$/)
    .waitFor()
  await button.blur()
  await expect.poll(() => rows.count()).toBe(1)
})

// Safari does not focus a button that is clicked: it stayed armed, and the table stood still, for ever.
test('an armed button has the focus, and is disarmed by leaving it or by waiting', async () => {
  const { page } = await openBusiest()
  const button = page.getByRole('button', { name: 'Cut off 192.0.2.0' })
  const click = () => button.evaluate((element: { click(): void }) => element.click())
  await click()
  expect(await button.textContent()).toBe('Sure?')
  expect(await page.locator('button:focus').getAttribute('aria-label')).toBe('Cut off 192.0.2.0')
  await button.blur()
  expect(await button.textContent()).toBe('Cut off')
  await click()
  await button.getByText('Sure?').waitFor()
  await button.getByText('Cut off').waitFor()
})

test('recent errors are listed, with how often and when', async () => {
  const errors = [{ code: 'AUTH_DENIED', text: 'A client was refused', count: 1234, firstAt: 0, lastAt: 60_000 }]
  const { page } = await open((await serve({ snapshot: () => figures({ errors, restarts: 2 }) })).url)
  const row = page.locator('table', { hasText: 'Recent errors' }).locator('tbody tr')
  await row.waitFor()
  expect(await row.textContent()).toMatch(/^A client was refusedAUTH_DENIED1,234\d\d:00:00\d\d:01:00$/)
  await page.getByText('2 restarted').waitFor()
})

test('when the server is gone the page says so, and resumes when it is back', async () => {
  const server = rendezvousServer()
  const status = await serve(server)
  const { page } = await open(status.url)
  await state(page, 'All well')
  await status.close()
  await state(page, 'No data since')
  expect(await page.locator('#health').textContent()).toMatch(
    /No data since \d\d:\d\d:\d\d\. The server does not answer\./
  )
  expect(await page.locator('body').getAttribute('class')).toBe('stale')
  await serve(server, { port: status.address.port })
  await state(page, 'All well')
  expect(await page.locator('body').getAttribute('class')).toBe('')
})

test('stale figures are marked as old', async () => {
  let isBroken = false
  const snapshot = () => {
    if (isBroken) throw new Error('a worker does not answer')
    return figures()
  }
  const { page } = await open((await serve({ snapshot })).url)
  await state(page, 'All well')
  isBroken = true
  await state(page, 'No data since')
  expect(await page.locator('#health').textContent()).toContain('The server has no new figures.')
  isBroken = false
  await state(page, 'All well')
})

test('after a network outage the page resumes', async () => {
  const { context, page } = await open((await serve(rendezvousServer())).url)
  await state(page, 'All well')
  await context.setOffline(true)
  await state(page, 'No data since')
  await context.setOffline(false)
  await state(page, 'All well')
})

test('a page that becomes visible or online again fetches at once', async () => {
  const { page } = await open((await serve(rendezvousServer(), { intervalMs: 300_000 })).url)
  for (const event of [`new Event('visibilitychange', { bubbles: true })`, `new Event('online', { bubbles: true })`]) {
    await state(page, 'All well')
    const asked = page.waitForRequest(/status\.json/)
    await page.evaluate(`document.dispatchEvent(${event})`)
    await asked
  }
})

test('the form admits a visitor with the token, and rejects a wrong one', async () => {
  const status = await serve(rendezvousServer(), { token: TOKEN, path: '/status' })
  const { context, page } = await open(status.url)
  await page.getByLabel('Token').fill('not this one')
  await page.getByRole('button').click()
  await page.getByText('Wrong token.').waitFor()
  await page.getByLabel('Token').fill(TOKEN)
  await page.getByRole('button').click()
  await state(page, 'All well')
  expect(page.url()).toBe(`${status.url}/`)
  expect(await context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/status' }])
})

test('a link with the token works from another site, and leaves no token in the address or the history', async () => {
  const status = await serve(rendezvousServer(), { token: TOKEN })
  const site = createServer((_request, response) => {
    const link = `${status.url}?token=${encodeURIComponent(TOKEN)}`
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<link rel="icon" href="data:,"><a href="${link}">Status</a>`)
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    site.closeAllConnections()
    site.close()
  })
  const { page } = await open(`http://localhost:${(site.address() as AddressInfo).port}/`)
  await page.getByText('Status').click()
  await state(page, 'All well')
  expect(page.url()).toBe(status.url)
  await page.goBack()
  expect(page.url()).toContain('localhost')
  await page.goForward()
  expect(page.url()).toBe(status.url)
})

test('when the token changes, an open page asks for it again', async () => {
  const server = rendezvousServer()
  const status = await serve(server, { token: TOKEN })
  const { page } = await open(`${status.url}?token=${encodeURIComponent(TOKEN)}`)
  await state(page, 'All well')
  await status.close()
  await serve(server, { token: `${TOKEN}, and another one`, port: status.address.port })
  await page.getByText('The server asks for the token again').waitFor()
  await page.reload()
  await page.getByLabel('Token').waitFor()
})

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

// The line of the limit looked like that of the memory, and nothing said what it was.
test('the legend names the limit once the plot reaches it', async () => {
  let clients = 10
  const { page } = await open((await serve({ snapshot: () => figures({ clients }) })).url)
  const caption = page.locator('figcaption', { has: page.getByRole('heading', { name: 'Clients', exact: true }) })
  const legend = caption.getByText('limit', { exact: true })
  await state(page, 'All well')
  expect(await legend.isVisible()).toBe(false)
  clients = 90
  await legend.waitFor()
})

// A screen reader announced a heading without a name.
test('no heading of a table is empty', async () => {
  const client = { pid: 7, number: 1, address: null, userAgent: '', topics: 2, streams: 3, roundTripMs: null, bytes: 1 }
  const { page } = await open((await serve({ snapshot: () => figures({ busiest: [client] }), cutOff: () => true })).url)
  await page.locator('td button').waitFor()
  expect(await page.locator('th').allTextContents()).not.toContain('')
})
