import type { Page } from 'puppeteer-core'
import { describe, test } from 'vitest'
import { FIREFOX, IN_FIREFOX, openInFirefox, useFirefox } from '../../../../test/support/firefox.ts'
import { writeHash } from '../../page/address.ts'
import { RestartableProxy } from './support/proxy.ts'
import { useSite } from './support/site.ts'

describe.skipIf(FIREFOX === null)(IN_FIREFOX, () => {
  const firefox = useFirefox()
  const site = useSite()

  async function enter(proxy: string, nickname: string): Promise<Page> {
    const url = site() + writeHash({ name: 'firefox', proxies: [proxy] })
    const page = await openInFirefox(firefox().browser, url)
    await page.locator('::-p-xpath(//label[contains(., "Your name")]//input)').fill(nickname)
    await page.locator('button::-p-text(Join)').click()
    await page.waitForSelector('::-p-text(Connected)')
    return page
  }

  test('two tabs meet and talk', async () => {
    const { url: proxy } = await RestartableProxy.start()
    const ada = await enter(proxy, 'Ada')
    const grace = await enter(proxy, 'Grace')
    await ada.waitForSelector('.peers ::-p-text(Grace)')
    await grace.locator('[aria-label=Message]').fill('hello from Grace')
    await grace.locator('button::-p-text(Send)').click()
    await ada.waitForSelector('.lines ::-p-text(hello from Grace)')
  })
})
