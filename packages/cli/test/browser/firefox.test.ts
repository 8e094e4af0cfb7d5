/** The page of `swarmway proxy --site`, in Firefox. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { FIREFOX, IN_FIREFOX, openInFirefox, useFirefox } from '../../../../test/support/firefox.js'
import { until } from '../../../runtime/test/support/until.js'
import { startProxy } from '../proxy/support/proxy.js'
import { bigFile, offer } from './support/offering.js'

describe.skipIf(FIREFOX === null)(IN_FIREFOX, () => {
  const firefox = useFirefox()

  test('a file is received and saved', async () => {
    const { http, ws } = await startProxy({ site: true })
    const { content, path } = bigFile(5_000_000)
    const { code } = await offer(ws, [path])
    const page = await openInFirefox(firefox().browser, `${http}/#${code}`)
    await page.locator('button::-p-text(Receive)').click()
    await page.waitForSelector('::-p-text(Everything has arrived)')
    await page.locator('button::-p-text(Save)').click()
    const saved = join(firefox().downloads, 'big.bin')
    await until('the file to be saved', () => existsSync(saved) && readFileSync(saved).equals(content))
  })
})
