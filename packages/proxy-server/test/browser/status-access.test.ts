import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { rendezvousServer } from '../support/servers.js'
import { open, serve, state } from '../support/status/tab.js'

const TOKEN = 'a token of many letters'

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
