import { hostname } from 'node:os'
import type { PeerStream } from '@swarmway/proxy-protocol'
import { expect, onTestFinished, test } from 'vitest'
import type { ProxyServer } from '../../src/index.js'
import { rendezvousServer } from '../support/servers.js'
import { figures } from '../support/status/figures.js'
import { open, serve, state, tile } from '../support/status/tab.js'
import { codeOf, TestClient, topicOf } from '../support/test-client.js'

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
