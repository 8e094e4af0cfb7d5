import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { Attempts } from '../../../../src/status/access/attempts.js'
import { cookieOf, login, servePage, TOKEN } from '../../../support/status/visit.js'

test('without the token, the page shows a form and no figures', async () => {
  const { visit } = await servePage({ token: TOKEN })
  const page = await visit('/')
  expect(page).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  expect(page.body).toContain('<form action="login" method="post">')
  expect((await visit('/status.json')).status).toBe(401)
  expect((await visit('/status.json?token=a%20token%20of%20many%20letters')).status).toBe(401)
})

test('a link with the token is exchanged for a cookie, and the token leaves the address bar', async () => {
  const { visit } = await servePage({ token: TOKEN })
  const entered = await visit(`/?token=${encodeURIComponent(TOKEN)}`)
  expect(entered.status).toBe(200)
  expect(entered.body).toContain('<meta http-equiv="refresh" content="0;url=./">')
  expect(entered.headers['set-cookie']).toEqual([
    expect.stringMatching(/^\w+=[0-9a-f]{64}; HttpOnly; SameSite=Strict$/)
  ])
  const headers = { cookie: `other=1; ${cookieOf(entered)}; another=2` }
  expect(await visit('/', { headers })).toMatchObject({ status: 200 })
  expect(await visit('/status.json', { headers })).toMatchObject({ status: 200 })
})

test('the form does the same', async () => {
  const { port, visit } = await servePage({ token: TOKEN })
  const entered = await login(port, TOKEN)
  expect(entered).toMatchObject({ status: 303, headers: { location: './' } })
  expect(await visit('/', { headers: { cookie: cookieOf(entered) } })).toMatchObject({ status: 200 })
})

test('programs send it in a header', async () => {
  const { visit } = await servePage({ token: TOKEN })
  const withHeader = (authorization: string) => visit('/status.json', { headers: { authorization } })
  expect((await withHeader(`Bearer ${TOKEN}`)).status).toBe(200)
  expect((await withHeader(`Bearer ${TOKEN}x`)).status).toBe(401)
  expect((await withHeader(`Basic ${TOKEN}`)).status).toBe(401)
})

test('the cookie does not contain the token, and stays valid after a restart but not with another token', async () => {
  const [first, restarted, other] = [
    await servePage({ token: TOKEN }),
    await servePage({ token: TOKEN }),
    await servePage({ token: `${TOKEN} too` })
  ]
  const cookie = cookieOf(await login(first.port, TOKEN))
  expect(cookie).not.toContain(TOKEN)
  expect(cookie).not.toContain(createHash('sha256').update(TOKEN).digest('hex'))
  expect((await restarted.visit('/', { headers: { cookie } })).status).toBe(200)
  expect((await other.visit('/', { headers: { cookie } })).status).toBe(401)
  // Browsers send cookies to all ports of a host, so two pages must not overwrite each other's.
  expect(cookieOf(await login(other.port, `${TOKEN} too`)).split('=')[0]).not.toBe(cookie.split('=')[0])
})

test('a cookie with another value is refused', async () => {
  const { port, visit } = await servePage({ token: TOKEN })
  const [name] = cookieOf(await login(port, TOKEN)).split('=')
  for (const value of ['', TOKEN, '0'.repeat(64)])
    expect((await visit('/', { headers: { cookie: `${name}=${value}` } })).status).toBe(401)
})

test('behind TLS the cookie stays on TLS', async () => {
  const { visit } = await servePage({ token: TOKEN })
  const path = `/?token=${encodeURIComponent(TOKEN)}`
  const entered = await visit(path, { headers: { 'x-forwarded-proto': 'https' } })
  expect(String(entered.headers['set-cookie'])).toContain('; Secure')
})

// A single allowance for all addresses, checked before the token, let a stranger with a wrong token every few seconds
// lock the operator out for good.
test('wrong tokens are limited; the right one always works, in a link, in the form and in a header', async () => {
  const clock = new FakeClock()
  const { port, visit } = await servePage({ token: TOKEN, clock })
  const cookie = cookieOf(await login(port, TOKEN))
  for (let i = 0; i < 9; i++) expect((await login(port, 'wrong')).status).toBe(401)
  const asLink = await visit('/?token=wrong')
  expect(asLink.body).toContain('Wrong token.')
  const limited = await login(port, 'wrong')
  expect(limited).toMatchObject({ status: 429, headers: { 'retry-after': '6' } })
  expect(limited.body).toContain('Too many wrong tokens. Try again in 6 s.')
  const withHeader = (token: string) => visit('/status.json', { headers: { authorization: `Bearer ${token}` } })
  for (let i = 0; i < 20; i++) {
    expect((await visit('/?token=wrong')).status).toBe(429)
    expect((await withHeader('wrong')).status).toBe(429)
    expect((await withHeader(TOKEN)).status).toBe(200)
    expect((await login(port, TOKEN)).status).toBe(303)
    expect((await visit(`/?token=${encodeURIComponent(TOKEN)}`)).status).toBe(200)
    expect((await visit('/status.json', { headers: { cookie } })).status).toBe(200)
  }
  await clock.advance(6000)
  expect((await login(port, 'wrong')).status).toBe(401)
  expect((await login(port, 'wrong')).status).toBe(429)
})

test('wrong tokens count against the address that sent them', async () => {
  const { port, visit } = await servePage({ token: TOKEN, clock: new FakeClock() })
  for (let i = 0; i < 11; i++) await login(port, 'wrong')
  expect((await login(port, 'wrong')).status).toBe(429)
  expect((await visit('/?token=wrong', { localAddress: '127.0.0.2' })).status).toBe(401)
})

describe('the allowance for wrong tokens', () => {
  function used(addresses: (string | undefined)[]): { attempts: Attempts; clock: FakeClock } {
    const clock = new FakeClock()
    const attempts = new Attempts(clock)
    for (const address of addresses) attempts.count(address)
    return { attempts, clock }
  }

  test.each([
    ['2001:db8:1:2:3:4:5:6', '2001:0DB8:1:2::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['2001:db8:1:2::1', '2001:db8:2:2::1', false],
    ['fe80::1%eth0', 'fe80::2', true],
    ['::ffff:203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['1::2', '1:0:0:0::', true],
    [undefined, '203.0.113.8', false]
  ])('is the same for %s and %s: %s', (one, other, isSame) => {
    const { attempts } = used(Array(10).fill(one))
    expect(attempts.count(one)).toBe(false)
    expect(attempts.count(other)).toBe(!isSame)
    expect(attempts.waitSeconds(one)).toBe(6)
  })

  test('is kept for a bounded number of addresses, and dropped for those that have recovered', async () => {
    const addresses = Array.from({ length: 5000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    const { attempts, clock } = used(addresses)
    expect(attempts.size).toBe(1024)
    await clock.advance(60_000)
    attempts.count('203.0.113.7')
    expect(attempts.size).toBe(1)
  })
})

test('visits without a token are not counted', async () => {
  const { port, visit } = await servePage({ token: TOKEN, clock: new FakeClock() })
  for (let i = 0; i < 30; i++) await visit('/')
  expect((await login(port, TOKEN)).status).toBe(303)
})

test('a form that is too large, or not a form, is refused', async () => {
  const { port, visit } = await servePage({ token: TOKEN })
  expect((await login(port, 'x'.repeat(3000))).status).toBe(400)
  expect((await visit('/login', { method: 'POST' }, `token=${TOKEN}`)).status).toBe(400)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const endless = { ...form, 'transfer-encoding': 'chunked' }
  expect((await visit('/login', { method: 'POST', headers: endless }, `token=${TOKEN}`)).status).toBe(400)
  expect((await login(port, TOKEN)).status).toBe(303)
})

test('a form whose sender disconnects midway is dropped', async () => {
  const { port } = await servePage({ token: TOKEN })
  const socket = connect(port, '127.0.0.1')
  const closed = once(socket.resume(), 'close')
  socket.write('POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n')
  socket.write('Content-Length: 100\r\n\r\ntoken=')
  socket.end()
  await closed
  expect((await login(port, TOKEN)).status).toBe(303)
})

test('a visitor’s input is never shown', async () => {
  const { port, visit } = await servePage({ token: TOKEN })
  const evil = '<script>alert(1)</script>'
  expect((await login(port, evil)).body).not.toContain('alert')
  expect((await visit(`/?token=${encodeURIComponent(evil)}`)).body).not.toContain('alert')
})
