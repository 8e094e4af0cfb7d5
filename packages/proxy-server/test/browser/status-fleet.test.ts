import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { FleetServerFigures, Snapshot } from '../../src/status/index.js'
import { clientOn, exchange, fleetOf } from '../support/fleet.js'
import { figures } from '../support/status/figures.js'
import { open, SCREENSHOTS, serve } from '../support/status/tab.js'
import { topicOf } from '../support/test-client.js'

/** A fleet of this server and these others. */
function fleetFigures(list: readonly Partial<FleetServerFigures>[], others = list.length): Partial<Snapshot> {
  const line = { clients: 1, isDraining: false, link: 'open', silentMs: 2000 } as const
  const servers = list.map((server, index) => ({ ...line, id: `${index}`, name: `s${index}`, ...server }))
  const own = { ...line, id: 'own', name: 'here', link: 'own' } as const
  return { fleet: { processes: 1, online: 1, servers: others, clients: 9, links: 2, list: [own, ...servers] } }
}

test('the servers of the fleet are listed, with what is between them and this one', async () => {
  const [a, b] = await fleetOf(2)
  if (a === undefined || b === undefined) throw new Error('there are two')
  const { page, problems } = await open((await serve(a)).url)
  const row = (name: string) => page.locator('tr', { has: page.getByRole('cell', { name, exact: true }) })
  await row('s1').getByText('this server').waitFor()
  await row('s2').getByText('none needed').waitFor()
  const [alice, bob] = [await clientOn(a, topicOf(1)), await clientOn(b, topicOf(1))]
  await until('alice knows bob', () => alice.pushed.length > 0)
  await exchange(alice, bob)
  await row('s2').getByText('open', { exact: true }).waitFor()
  await row('s2')
    .getByText(/^\d+\ss ago$/)
    .waitFor()
  await row('s2').getByText('1', { exact: true }).waitFor()
  await b.destroy()
  await row('s2').waitFor({ state: 'detached' })
  expect(problems).toEqual([])
})

// A name is what another server calls itself.
test('names of servers are text, and of many servers the rest is counted', async () => {
  const markup = '<img/src=x/onerror=document.title=1>'
  const list = [{ name: markup, link: 'failed', isDraining: true, silentMs: 64_000 }, {}] as const
  const { page, problems } = await open((await serve({ snapshot: () => figures(fleetFigures(list, 14)) })).url)
  const rows = page.locator('table', { hasText: 'Servers of the fleet' }).locator('tbody tr')
  await rows.nth(3).waitFor()
  expect(await rows.nth(1).locator('td').allTextContents()).toEqual([
    markup,
    '1',
    'cannot be opened, stopping',
    '1\u00a0min\u00a04\u00a0s ago'
  ])
  expect(await rows.nth(3).locator('td').allTextContents()).toEqual(['+12', '', '', ''])
  expect(problems).toEqual([])
})

test.each(
  (['light', 'dark'] as const).flatMap((scheme) => [1280, 900, 380, 320].map((width) => [scheme, width] as const))
)('%s, %i pixels: long names of servers are on the screen', async (colorScheme, width) => {
  const links = ['open', 'opening', 'failed', 'none'] as const
  const list = links.map((link, index) => ({
    link,
    name: index === 0 ? 'W'.repeat(64) : `eu-west-${index}.proxy.example.org`,
    clients: 1234 * index,
    isDraining: index === 3,
    silentMs: 1000 * 40 ** index
  }))
  const { page } = await open((await serve({ snapshot: () => figures(fleetFigures(list, 16)) })).url, {
    colorScheme,
    viewport: { width, height: 800 }
  })
  await page.getByText('cannot be opened').waitFor()
  expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('td')]
    .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)`)
  expect(wide).toEqual([])
  await page.screenshot({ path: `${SCREENSHOTS}fleet-${colorScheme}-${width}.png`, fullPage: true })
})
