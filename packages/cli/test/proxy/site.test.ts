import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { linkTo, pageOf } from '../../src/send/link.js'
import { startProxy } from './support/proxy.js'

/** An answer, as it is on the wire. */
function ask(url: string, method = 'GET', headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const asking = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
      )
    })
    asking.on('error', reject)
    asking.end()
  })
}

const NEVER = new AbortController().signal

async function scriptOf(http: string): Promise<string> {
  const [, name = ''] = /src="(main-[^"]+)"/.exec(String((await ask(`${http}/`)).body)) ?? []
  return `${http}/${name}`
}

test('without --site there is no page, and the server does not claim one', async () => {
  const { http, ws } = await startProxy()
  expect((await ask(`${http}/`)).status).toBe(426)
  expect(await pageOf(ws, NEVER)).toBeNull()
})

test('the page may load nothing from elsewhere, and is asked for each time; its files are kept for ever', async () => {
  const { http } = await startProxy({ site: true })
  const page = await ask(`${http}/`)
  expect(page).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer'
    }
  })
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/'unsafe-|\*/)
  expect(String(page.body)).not.toMatch(/<script>|{{|style="/)
  const script = await ask(await scriptOf(http))
  expect(script).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable'
    }
  })
})

test('the licences of what is in the page are with it', async () => {
  const { http } = await startProxy({ site: true })
  const licenses = await ask(`${http}/licenses.txt`)
  expect(licenses).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } })
  expect(String(licenses.body)).toMatch(/@noble\/hashes .* \(MIT\)[\s\S]*Permission is hereby granted/)
})

test('HEAD, conditional and compressed requests are answered, others than GET are not', async () => {
  const { http } = await startProxy({ site: true })
  const page = await ask(`${http}/?x=1`)
  const head = await ask(`${http}/`, 'HEAD')
  expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(head.headers['content-length']).toBe(String(page.body.length))
  const same = await ask(`${http}/`, 'GET', { 'if-none-match': String(page.headers['etag']) })
  expect(same).toMatchObject({ status: 304, body: Buffer.alloc(0) })
  const script = await scriptOf(http)
  const plain = await ask(script)
  const zipped = await ask(script, 'GET', { 'accept-encoding': 'gzip, br' })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
  expect((await ask(script, 'GET', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined()
  expect(await ask(`${http}/`, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  expect((await ask(`${http}/../package.json`)).status).toBe(426)
})

test('the page knows where the WebSockets are', async () => {
  const { http } = await startProxy({ site: true, path: '/swarm"&' })
  expect(String((await ask(`${http}/`)).body)).toContain('content="swarm&quot;&amp;"')
})

test('a sender learns of the page from its server, without what is secret in its URL', async () => {
  const site = await startProxy({ site: true })
  const page = await pageOf(`${site.ws.replace('//', '//me:secret@')}/path?token=secret`, NEVER)
  expect(page).toBe(`${site.http}/`)
  expect(linkTo(page ?? '', 'a-b-c-d-e')).toBe(`${site.http}/#a-b-c-d-e`)
  expect(linkTo('https://files.example/get?x=1#old', 'a-b')).toBe('https://files.example/get?x=1#a-b')
  expect(await pageOf('ws://127.0.0.1:1', NEVER)).toBeNull()
})
