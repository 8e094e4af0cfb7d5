/** The option `proxy` of `websocket`: the way to a server through an HTTP proxy that is asked to CONNECT. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProxyError } from '@swarmway/proxy-protocol'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { ProxyServer } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { until } from '../../../runtime/test/support/until.js'
import { ProxyClient } from '../../src/index.js'
import { type WebSocketOptions, websocket } from '../../src/transports/websocket.js'
import { answering, httpProxy } from '../support/http.js'

/** A name that only the HTTP proxy knows. */
const URL_OF_SERVER = 'ws://server.invalid:8080'

afterEach(() => vi.unstubAllEnvs())

async function serverPort(options: Parameters<typeof listen>[1] = { host: '127.0.0.1' }): Promise<number> {
  const server = new ProxyServer({ dht: null, drainMs: 0 })
  const listener = await listen(server, options)
  onTestFinished(async () => {
    await server.destroy()
    await listener.close()
  })
  return (listener.address as AddressInfo).port
}

function clientOf(options: WebSocketOptions, url = URL_OF_SERVER): ProxyClient {
  const client = new ProxyClient({ connect: websocket(url, options), reconnectMinMs: 10, random: () => 0 })
  onTestFinished(() => client.destroy())
  return client
}

function failureOf(client: ProxyClient): Promise<{ error: ProxyError; retryMs: number | null }> {
  return new Promise((resolve) => client.once('disconnected', resolve))
}

function environment(variables: Record<string, string>): void {
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toUpperCase(), undefined)
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

test('a URL: ws:// goes through CONNECT, with the credentials of the URL', async () => {
  const { asked, host } = await httpProxy(await serverPort())
  const client = clientOf({ proxy: `http://user:p%40ss@${host}` })
  await until('a link', () => client.connected)
  const auth = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
  expect(asked).toEqual([{ target: 'server.invalid:8080', auth }])
})

test('wss:// goes through CONNECT, and the certificate that is checked is the server’s', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=server.invalid', '-addext', 'subjectAltName=DNS:server.invalid']
  execFileSync('openssl', [...kind, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  await serverPort({ server })
  const { asked, url } = await httpProxy((server.address() as AddressInfo).port)
  // A client that does not know the certificate is told so, and not that the proxy is at fault.
  const { error } = await failureOf(clientOf({ proxy: url }, 'wss://server.invalid'))
  expect(error).toMatchObject({ code: 'LINK_CLOSED', message: expect.stringMatching(/self-signed/) })
  expect(asked[0]?.target).toBe('server.invalid:443')
})

test.each<[string, Record<string, string>, string]>([
  ['HTTP_PROXY for ws://', { HTTP_PROXY: 'PROXY' }, URL_OF_SERVER],
  ['http_proxy, in lower case', { http_proxy: 'PROXY' }, URL_OF_SERVER],
  ['ALL_PROXY', { ALL_PROXY: 'PROXY' }, URL_OF_SERVER],
  ['a NO_PROXY that lists others', { HTTP_PROXY: 'PROXY', NO_PROXY: 'other.invalid,.example' }, URL_OF_SERVER],
  ['a proxy without a scheme', { ALL_PROXY: 'BARE' }, URL_OF_SERVER]
])("'env': %s", async (_what, variables, url) => {
  const proxy = await httpProxy(await serverPort())
  const values = Object.entries(variables).map(([name, value]) => [
    name,
    value.replace('PROXY', proxy.url).replace('BARE', proxy.host)
  ])
  environment(Object.fromEntries(values))
  const client = clientOf({ proxy: 'env' }, url)
  await until('a link', () => client.connected)
  expect(proxy.asked).toHaveLength(1)
})

test("'env': NO_PROXY and the proxy of the other scheme lead to no proxy", async () => {
  const url = `ws://127.0.0.1:${await serverPort()}`
  const proxy = 'http://127.0.0.1:9'
  for (const variables of [{}, { HTTPS_PROXY: proxy }, { HTTP_PROXY: proxy, NO_PROXY: '127.0.0.1' }]) {
    environment(variables as Record<string, string>)
    const client = clientOf({ proxy: 'env' }, url)
    await until('a link', () => client.connected)
  }
})

test("'env': HTTPS_PROXY without a scheme is a plain HTTP proxy, as other programs take it", () => {
  // The library completes it with the scheme of the server's URL, and TLS to a plain proxy fails.
  environment({ HTTPS_PROXY: 'proxy.invalid:3128' })
  const [connect] = websocket('wss://server.invalid', { proxy: 'env' })
  expect(connect?.httpProxy).toBe('http://proxy.invalid:3128')
})

test('an agent of the application', async () => {
  const { asked, url } = await httpProxy(await serverPort())
  const client = clientOf({ proxy: new HttpsProxyAgent(url) })
  await until('a link', () => client.connected)
  expect(asked).toHaveLength(1)
})

test.each([
  [407, 'HTTP_PROXY_AUTH_REQUIRED', 'slowly'],
  [403, 'HTTP_PROXY_REFUSED', 'soon'],
  [502, 'HTTP_PROXY_REFUSED', 'soon']
])('a proxy that answers CONNECT with %i is %s, and not taken for the server', async (status, code, when) => {
  const { host } = await httpProxy(1, status)
  const { error, retryMs } = await failureOf(clientOf({ proxy: `http://user:secret@${host}` }))
  expect(error).toMatchObject({ code, message: expect.stringContaining(`the HTTP proxy http://${host}`) })
  expect(error.message).toContain(String(status))
  expect(error.message).not.toContain('secret')
  expect((retryMs ?? 0) > 10_000).toBe(when === 'slowly')
})

test('a proxy that is not there is HTTP_PROXY_UNREACHABLE', async () => {
  const { error } = await failureOf(clientOf({ proxy: 'http://127.0.0.1:9' }))
  expect(error).toMatchObject({ code: 'HTTP_PROXY_UNREACHABLE', message: expect.stringContaining('127.0.0.1:9') })
})

test('a server behind the proxy that refuses the upgrade is told apart from the proxy', async () => {
  const busy = await answering(503, { 'retry-after': '20' })
  const { url } = await httpProxy(Number(new URL(busy.url).port))
  const { error, retryMs } = await failureOf(clientOf({ proxy: url }))
  expect(error.code).toBe('SERVER_BUSY')
  expect(retryMs).toBeCloseTo(20_000, -2)
})

test.each([['socks5://127.0.0.1:1080'], ['127.0.0.1:8080'], [5], [{}]])('%j is not a proxy', (proxy) => {
  const error = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('proxy') })
  expect(() => websocket(URL_OF_SERVER, { proxy: proxy as string })).toThrow(error)
})

test('credentials that are not percent-encoded are refused at once, and not shown', () => {
  // Every attempt failed with HTTP_PROXY_UNREACHABLE and "URI malformed".
  const error = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.not.stringContaining('50%') })
  expect(() => websocket(URL_OF_SERVER, { proxy: 'http://user:50%off@127.0.0.1:8080' })).toThrow(error)
})

test("'env': a proxy that is none is named, without its password", () => {
  environment({ ALL_PROXY: 'socks5://user:secret@127.0.0.1:1080' })
  const error = expect.objectContaining({ message: expect.not.stringContaining('secret') })
  expect(() => websocket(URL_OF_SERVER, { proxy: 'env' })).toThrow(error)
})

test.each([['http'], ['none']])('a server or HTTP proxy that never answers keeps no socket: proxy %s', async (kind) => {
  // Each attempt left a socket behind, and a client that had been destroyed kept the process running.
  const sockets = new Set<Socket>()
  let opened = 0
  const silent = createServer((socket) => {
    opened++
    sockets.add(socket.on('error', () => {}).resume())
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const connect =
    kind === 'http' ? websocket(URL_OF_SERVER, { proxy: `http://${address}` }) : websocket(`ws://${address}`)
  const client = new ProxyClient({ connect, connectTimeoutMs: 50, reconnectMinMs: 1, reconnectMaxMs: 1 })
  await until('some attempts, and the end of some', () => opened > 3 && sockets.size < opened - 2)
  await client.destroy()
  await until('their end', () => sockets.size === 0)
})
