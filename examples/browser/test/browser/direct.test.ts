import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'
import { visit } from './support/tab.ts'

// Tabs of one machine reach each other by its own addresses only.
const browser = useChromium({
  args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns']
})
const site = useSite()

test('a peer that we are connected with directly is shown as such, in the list and in the picture', async () => {
  const { url: proxy } = await RestartableProxy.start()
  const room = { site: site(), room: 'direct', proxy }
  const ada = await visit(browser(), { ...room, nickname: 'Ada' })
  const grace = await visit(browser(), { ...room, nickname: 'Grace' })
  await Promise.all([ada.sees('Grace'), grace.sees('Ada')])
  for (const { page, peers } of [ada, grace]) {
    await expect.poll(() => peers.first().getAttribute('data-path')).toBe('direct')
    expect(await peers.first().textContent()).toContain('direct')
    expect(await page.locator('.picture .peer').getAttribute('data-path')).toBe('direct')
  }
})
