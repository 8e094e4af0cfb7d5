import { expect, onTestFinished, test } from 'vitest'
import { type ListenStatusOptions, listenStatus } from '../../../src/status/index.js'
import { figures } from '../../support/status/figures.js'
import { login, TOKEN, visit } from '../../support/status/visit.js'

async function listening(options: ListenStatusOptions = {}) {
  const status = await listenStatus({ snapshot: () => figures() }, options)
  onTestFinished(() => status.close())
  return status
}

test('on its own port, for this machine only', async () => {
  const status = await listening()
  expect(status.address.address).toBe('127.0.0.1')
  expect(status.url).toBe(`http://127.0.0.1:${status.address.port}/`)
  expect(await (await fetch(status.url)).text()).toContain('<title>Swarmway proxy</title>')
  expect((await visit(status.address.port, '/nope')).status).toBe(404)
})

test('without a token, a host that other machines can reach is refused', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.0.0.1.example.org'])
    await expect(listenStatus({ snapshot: () => figures() }, { host })).rejects.toThrow('set a token as well')
  const open = await listening({ host: '0.0.0.0', token: TOKEN })
  expect(open.url).toBe(`http://127.0.0.1:${open.address.port}/`)
  expect((await visit(open.address.port, '/', { headers: { host: 'example.org' } })).status).toBe(401)
  expect((await login(open.address.port, TOKEN)).status).toBe(303)
})

test('a website that points its name at this machine reads nothing', async () => {
  const { address } = await listening()
  for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example', '[evil]', '127.0.0.1.evil.example'])
    expect([host, (await visit(address.port, '/status.json', { headers: { host } })).status]).toEqual([host, 403])
  for (const host of ['localhost:9000', '127.0.0.1', '[::1]:80', '10.0.0.1:9000'])
    expect([host, (await visit(address.port, '/status.json', { headers: { host } })).status]).toEqual([host, 200])
})

test('a port that is in use rejects, and nothing is left behind', async () => {
  const { address } = await listening()
  let asked = 0
  const snapshot = () => {
    asked++
    return figures()
  }
  await expect(listenStatus({ snapshot }, { port: address.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(asked).toBe(1)
})

test('close frees the port, with pages still open', async () => {
  const status = await listening({ path: '/status' })
  await fetch(`${status.url}/status.json`)
  expect(status.close()).toBe(status.close())
  await status.close()
  const again = await listening({ port: status.address.port })
  expect(again.address.port).toBe(status.address.port)
})
