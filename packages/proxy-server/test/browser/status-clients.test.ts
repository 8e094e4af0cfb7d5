import { expect, test } from 'vitest'
import { figures } from '../support/status/figures.js'
import { open, serve } from '../support/status/tab.js'

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

// A screen reader announced a heading without a name.
test('no heading of a table is empty', async () => {
  const client = { pid: 7, number: 1, address: null, userAgent: '', topics: 2, streams: 3, roundTripMs: null, bytes: 1 }
  const { page } = await open((await serve({ snapshot: () => figures({ busiest: [client] }), cutOff: () => true })).url)
  await page.locator('td button').waitFor()
  expect(await page.locator('th').allTextContents()).not.toContain('')
})
