/** Steps on the page of `swarmway proxy --site` that follow each other faster than they are done. */
import { expect, test } from 'vitest'
import { Cable } from '../../../../examples/browser/test/browser/support/cable.js'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { startProxy } from '../proxy/support/proxy.js'
import { bigFile, offer, offerBehindToken, TOKEN } from './support/offering.js'
import { Visitor } from './support/visitor.js'

const browser = useChromium()

// The second step found nothing to leave, and began. Then the first began too: one of the two held the lock for ever.
test('Enter twice in the field for the token begins once', async () => {
  const visitor = await Visitor.open(browser(), await offerBehindToken())
  await visitor.page.getByLabel('Access token').fill(TOKEN)
  // A bar ran as if something was going on.
  expect(await visitor.page.locator('.busy').isVisible()).toBe(false)
  await visitor.page.evaluate(
    `{ const form = document.querySelector('#token').form; form.requestSubmit(); form.requestSubmit() }`
  )
  await visitor.sees('1 file, 1.0 kB')
  expect(await heldLocks(visitor)).toBe(1)
})

test('Back, forward and back again at once leave one code open', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code } = await offer(ws, [bigFile(1000).path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.sees('1 file, 1.0 kB')
  const others = ['abandon-ability-able-about-above', 'ability-able-about-above-absent', code]
  await visitor.page.evaluate(`for (const code of ${JSON.stringify(others)}) {
    location.hash = code
    dispatchEvent(new HashChangeEvent('hashchange'))
  }`)
  await visitor.press('Receive')
  await visitor.sees('Everything has arrived')
  expect(await heldLocks(visitor)).toBe(1)
})

test('a code that is entered while another is deleted is opened', async () => {
  const { http, ws } = await startProxy({ site: true })
  const { code } = await offer(ws, [bigFile(1000).path])
  const next = await offer(ws, [bigFile(2000).path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.press('Receive')
  await visitor.press('Delete from this browser')
  await visitor.page.evaluate(`{
    document.querySelectorAll('.buttons button')[1].click()
    location.hash = '${next.code}'
  }`)
  await visitor.sees('1 file, 2.0 kB')
  expect(visitor.page.url()).toBe(`${http}/#${next.code}`)
})

// The page stayed empty.
test('an address that cannot be decoded is treated as a mistyped code', async () => {
  const { http } = await startProxy({ site: true })
  const visitor = await Visitor.open(browser(), `${http}/#50%`)
  await visitor.sees('A code is 5 words')
  expect(await visitor.page.getByLabel('The code that the sender tells you').inputValue()).toBe('50%')
})

// Each change of the link built the view again: the focus, an opened list and the place in it were lost.
test('an offer stays as it is while the link comes and goes', async () => {
  const { port, ws } = await startProxy({ site: true })
  const cable = await Cable.to(port)
  const { code } = await offer(ws, [bigFile(1000).path])
  const visitor = await Visitor.open(browser(), `${cable.url.replace('ws', 'http')}/#${code}`)
  await visitor.sees('1 file, 1.0 kB')
  await visitor.page.getByRole('button', { name: 'Decline' }).focus()
  const back = visitor.page.waitForEvent('websocket')
  cable.cut()
  cable.restore()
  await back
  expect(await visitor.page.evaluate('document.activeElement.textContent')).toBe('Decline')
})

// It said that the server cannot be reached, and to check the connection.
test('a server that is full is quoted', async () => {
  const { http, ws } = await startProxy({ site: true, limits: 'maxClients=1' })
  const { code } = await offer(ws, [bigFile(1000).path])
  const visitor = await Visitor.open(browser(), `${http}/#${code}`)
  await visitor.sees(/does not let us in now, and we try again: .*client/)
})

async function heldLocks(visitor: Visitor): Promise<number> {
  return await visitor.page.evaluate<number>('navigator.locks.query().then(({ held }) => held.length)')
}
