import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../../runtime/test/support/until.js'
import { serverSource } from '../../../../src/status/index.js'
import { rendezvousServer } from '../../../support/servers.js'
import { figures } from '../../../support/status/figures.js'
import { cookieOf, login, servePage, TOKEN } from '../../../support/status/visit.js'
import { TestClient } from '../../../support/test-client.js'

const OWN = { 'x-swarmway-action': 'cut-off' }

/** A page whose source knows one client. */
async function cuttable(options: { token?: string } = {}) {
  const cut: number[][] = []
  const cutOff = async (pid: number, number: number) => {
    if (pid !== 7 || number !== 3) return false
    cut.push([pid, number])
    return true
  }
  const { port, visit } = await servePage(options, figures, { cutOff })
  const send = async (headers: Record<string, string>, body: string = JSON.stringify({ pid: 7, number: 3 })) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const reply = await visit('/cut-off', { method: 'POST', headers: { ...length, ...headers } }, body)
    const { code = null } = reply.body.startsWith('{') ? (JSON.parse(reply.body) as { code?: string }) : {}
    return { status: reply.status, code }
  }
  return { cut, port, send, visit }
}

test('the page cuts a client off by its process and number', async () => {
  const { cut, send, visit } = await cuttable()
  expect(await send(OWN)).toEqual({ status: 200, code: null })
  expect(cut).toEqual([[7, 3]])
  expect(await send(OWN, '{"pid":7,"number":4}')).toEqual({ status: 404, code: 'UNKNOWN_CLIENT' })
  for (const body of ['', '{', 'null', '[]', '{"pid":"7","number":3}', '{"pid":7}', ' '.repeat(300)]) {
    expect([body, await send(OWN, body)]).toEqual([body, { status: 400, code: 'BAD_REQUEST' }])
  }
  expect(await visit('/cut-off')).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  expect(cut).toHaveLength(1)
})

// A page elsewhere can make a visitor's browser send a form, with the visitor's cookie, but not this header.
test('no other website can make a visitor cut clients off', async () => {
  const { cut, port, send } = await cuttable()
  const foreign: Record<string, string>[] = [
    {},
    { 'content-type': 'application/x-www-form-urlencoded' },
    { ...OWN, origin: 'https://evil.example' },
    { ...OWN, origin: 'null' },
    { ...OWN, origin: `http://127.0.0.1:${port + 1}` },
    { ...OWN, 'sec-fetch-site': 'cross-site' },
    { ...OWN, 'sec-fetch-site': 'same-site' }
  ]
  for (const headers of foreign) {
    expect([headers, await send(headers)]).toEqual([headers, { status: 403, code: 'FOREIGN_ORIGIN' }])
  }
  expect(await send({ ...OWN, host: 'rebound.example' })).toMatchObject({ status: 403 })
  expect(cut).toEqual([])
  expect(await send({ ...OWN, origin: `http://127.0.0.1:${port}` })).toMatchObject({ status: 200 })
  expect(await send({ ...OWN, 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 })
})

test('with a token, nobody without it can cut clients off', async () => {
  const { cut, port, send } = await cuttable({ token: TOKEN })
  expect(await send(OWN)).toMatchObject({ status: 401 })
  expect(await send({ ...OWN, authorization: 'Bearer not the token' })).toMatchObject({ status: 401 })
  expect(cut).toEqual([])
  expect(await send({ ...OWN, cookie: cookieOf(await login(port, TOKEN)) })).toMatchObject({ status: 200 })
  expect(await send({ ...OWN, authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 200 })
})

test('a source that cannot cut off says so', async () => {
  const { visit } = await servePage()
  const reply = await visit('/cut-off', { method: 'POST', headers: { ...OWN, 'content-length': '2' } }, '{}')
  expect([reply.status, JSON.parse(reply.body).code]).toEqual([404, 'NOT_SUPPORTED'])
})

test('the client that is cut off learns why, and the others stay', async () => {
  const server = rendezvousServer()
  const source = serverSource(server, { clients: true })
  onTestFinished(() => source.destroy())
  const [a, b] = [await TestClient.connect(server), await TestClient.connect(server)]
  const closed = new Promise<{ code: string }>((resolve) => {
    server.once('client-close', (_session, error) => resolve(error))
  })
  const [first] = source.snapshot().busiest
  expect(first).toMatchObject({ pid: process.pid, roundTripMs: null })
  const number = first?.number ?? 0
  expect(source.cutOff(process.pid + 1, number)).toBe(false)
  expect(source.cutOff(process.pid, 99)).toBe(false)
  expect(source.cutOff(process.pid, number)).toBe(true)
  expect((await closed).code).toBe('CUT_OFF')
  await until(() => server.clients.size === 1)
  expect([a, b].filter(({ session }) => session.destroyed)).toHaveLength(1)
  expect(source.cutOff(process.pid, number)).toBe(false)
  // What the operator does is not an error.
  expect(source.snapshot().errors).toEqual([])
})
