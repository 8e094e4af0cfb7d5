import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { type Connect, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { until } from '../../../runtime/test/support/until.js'
import { createLog } from '../../src/proxy/server/log.js'
import { proxyOptions } from '../../src/proxy/server/proxy-options.js'
import { RunningServer } from '../../src/proxy/server/running-server.js'
import { file } from './support/files.js'
import { client, metricsOf, settingsOf, startProxy } from './support/proxy.js'

/** The status code of a refused upgrade; 101 if it is accepted. */
function upgrade(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers })
    socket.on('open', () => resolve(101))
    socket.on('open', () => socket.terminate())
    socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode ?? 0))
    socket.on('error', () => {})
  })
}

/** What STUN at this port says where a socket on 127.0.0.1 is. */
async function ownAddress(port: number): Promise<{ host: string }> {
  const socket = createSocket('udp4')
  const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve))
  const request = Buffer.from(`000100002112a442${'07'.repeat(12)}`, 'hex')
  socket.send(request, port, '127.0.0.1')
  const address = (await answer).subarray(-4)
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return { host: [...address].map((byte, index) => byte ^ (request[4 + index] ?? 0)).join('.') }
}

test('two clients of a proxy without a DHT find each other and talk', async () => {
  const proxy = await startProxy()
  const [a, b] = [client(proxy.ws), client(proxy.ws)]
  const received: string[] = []
  a.on('connection', (connection) => connection.write('hello'))
  b.on('connection', (connection) => connection.on('data', (data) => received.push(String(data))))
  for (const swarm of [a, b]) swarm.join(topicFrom('proxy command'))
  await until('a greeting', () => received.includes('hello'))
})

test('--path and --origins refuse the upgrade of others', async () => {
  const { ws } = await startProxy({ path: '/swarm', origins: 'https://app.example' })
  expect(await upgrade(`${ws}/`)).toBe(404)
  expect(await upgrade(`${ws}/swarm`)).toBe(101)
  expect(await upgrade(`${ws}/swarm`, { origin: 'https://other.example' })).toBe(403)
  expect(await upgrade(`${ws}/swarm`, { origin: 'https://app.example' })).toBe(101)
})

// Nothing told an operator why a page could not connect: browsers do not say, and the log was silent.
test('a refused origin is in the log, at most once a second', async () => {
  const { clock, log, ws } = await startProxy({ origins: 'https://app.example' })
  const knock = (origin: string) => upgrade(ws, { origin })
  for (const name of ['a', 'b', 'c']) await knock(`https://${name}.example`)
  const refusals = () => log.filter(({ status }) => status === 403)
  expect(refusals()).toMatchObject([
    { level: 'warn', origin: 'https://a.example', msg: expect.stringContaining('--origins') }
  ])
  expect(refusals()[0]).not.toHaveProperty('address')
  await clock.advance(1000)
  await knock('https://d.example')
  expect(refusals()[1]).toMatchObject({ origin: 'https://d.example', others: 2 })
})

test('pages of other sites are accepted if --origins says so, or behind a reverse proxy', async () => {
  const upgradeWith = async (flags: Record<string, unknown>) =>
    upgrade((await startProxy(flags)).ws, { origin: 'https://app.example' })
  expect(await upgradeWith({})).toBe(403)
  expect(await upgradeWith({ origins: '*' })).toBe(101)
  expect(await upgradeWith({ behindProxy: true })).toBe(101)
  expect(await upgradeWith({ host: '0.0.0.0' })).toBe(101)
  expect(await upgradeWith({ host: '0.0.0.0', origins: 'https://other.example' })).toBe(403)
})

test('--tcp-port accepts raw TCP links', async () => {
  const { running, tcpPort } = await startProxy({ tcpPort: '0' })
  expect(tcpPort).toBeGreaterThan(0)
  const swarm = client(() => connect(tcpPort, '127.0.0.1'))
  await until('a link over TCP', () => swarm.connected)
  await running.stop()
  await until('the goodbye', () => swarm.told.disconnected.includes('SERVER_CLOSING'))
})

test('--stun-port answers STUN, and frees the port when the proxy stops', async () => {
  const { running } = await startProxy({ stunPort: '0' })
  const port = running.ports.stunPort ?? 0
  expect(await ownAddress(port)).toMatchObject({ host: '127.0.0.1' })
  await running.stop()
  const next = await startProxy({ stunPort: String(port) })
  expect(next.running.ports.stunPort).toBe(port)
  await expect(startProxy({ stunPort: String(port) })).rejects.toMatchObject({ hint: /--stun-port/ })
})

test('--limits apply to the server: one client more than maxClients is denied', async () => {
  const proxy = await startProxy({ limits: 'maxClients=1' })
  const first = client(proxy.ws)
  await until('the first', () => first.connected)
  const second = client(proxy.ws)
  await until('the denial', () => second.told.disconnected.includes('LIMIT'))
  const metrics = await metricsOf(proxy.admin)
  expect(metrics.get('swarmway_proxy_max_clients')).toBe(1)
  expect(metrics.get('swarmway_proxy_denied_total{code="LIMIT"}')).toBeGreaterThan(0)
})

test('a limit out of range is refused with a sentence', async () => {
  await expect(startProxy({ limits: 'maxClients=0' })).rejects.toThrow(
    /^The server rejected the settings: limits\.maxCl/
  )
})

test('--grace-ms is how long a session outlives its link', async () => {
  const proxy = await startProxy({ graceMs: '0' })
  const swarm = client(proxy.ws)
  await until('a link', () => swarm.connected)
  swarm.suspend()
  await until('the end of the session', () => proxy.log.some(({ msg }) => msg === 'client left'))
})

test('DHT settings become options of the proxy server', async () => {
  const dht = { rendezvousOnly: false, bootstrap: '127.0.0.1:5', dhtHost: '127.0.0.1', dhtPort: '4000' }
  const settings = await settingsOf({ ...dht, allowPrivateAddresses: true, graceMs: '7', drainMs: '8' })
  expect(proxyOptions(settings, null, null)).toEqual({
    bootstrap: [{ host: '127.0.0.1', port: 5 }],
    host: '127.0.0.1',
    port: 4000,
    allowPrivateAddresses: true,
    graceMs: 7,
    drainMs: 8,
    limits: {},
    names: []
  })
  expect(proxyOptions(settings, 3, null).port, 'each worker has its own port').toBe(4002)
  expect(proxyOptions(await settingsOf({ rendezvousOnly: true }), null, null).dht).toBeNull()
})

test('the log names no client, unless --log-addresses says so', async () => {
  const [quiet, telling] = [await startProxy(), await startProxy({ logAddresses: true })]
  for (const proxy of [quiet, telling]) {
    const swarm = client(proxy.ws, { userAgent: 'test' })
    await until('a client', () => proxy.log.some(({ msg }) => msg === 'client connected'))
    const key = Buffer.from(swarm.keyPair.publicKey).toString('hex')
    await swarm.destroy()
    await until('its end', () => proxy.log.some(({ msg }) => msg === 'client left'))
    expect(JSON.stringify(proxy.log)).not.toContain(key)
  }
  expect(JSON.stringify(quiet.log)).not.toContain('127.0.0.1')
  expect(JSON.stringify(quiet.log)).not.toContain('hostname')
  expect(telling.log.find(({ msg }) => msg === 'client connected')).toMatchObject({
    level: 'info',
    address: '127.0.0.1',
    userAgent: 'test',
    client: 1
  })
})

test('--log-level decides what is logged', async () => {
  const proxy = await startProxy({ logLevel: 'warn' })
  const swarm = client(proxy.ws)
  await until('a link', () => swarm.connected)
  // A client that comes back to a server that is stopping is refused, which is a warning.
  await swarm.destroy()
  await proxy.running.stop()
  expect(proxy.log).toEqual([])
})

test('X-Forwarded-For is trusted from a trusted neighbour only, and only as far as neighbours are trusted', async () => {
  const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }
  const addressSeen = async (flags: object): Promise<unknown> => {
    const proxy = await startProxy({ logAddresses: true, ...flags })
    client(() => createWebSocketStream(new WebSocket(proxy.ws, { headers })))
    const record = () => proxy.log.find(({ msg }) => msg === 'client connected')
    await until('a client', () => record() !== undefined)
    return record()?.['address']
  }
  expect(await addressSeen({})).toBe('127.0.0.1')
  expect(await addressSeen({ behindProxy: '10.0.0.0/8' })).toBe('127.0.0.1')
  expect(await addressSeen({ behindProxy: true })).toBe('203.0.113.7')
  expect(await addressSeen({ behindProxy: 'loopback,203.0.113.0/24' })).toBe('6.6.6.6')
})

test('clients have to use --name for the server when they prove that they hold a key', async () => {
  const { ws } = await startProxy({ name: ['Proxy.Example:443', 'localhost:1'] })
  await expect(client(ws).listen()).rejects.toMatchObject({ code: 'WRONG_SERVER' })
  const [connect] = websocket(ws)
  for (const serverName of ['proxy.example', 'localhost:1'])
    await client(Object.assign(() => (connect as Connect)(), { serverName })).listen()
})

test('X-Forwarded-Host is trusted from a trusted neighbour only', async () => {
  const headers = { 'x-forwarded-host': 'Proxy.Example, 10.0.0.1' }
  const listenAs = async (serverName: string, flags: Record<string, unknown>): Promise<string> => {
    const proxy = await startProxy(flags)
    const connect = () => createWebSocketStream(new WebSocket(proxy.ws, { headers }))
    const swarm = client(Object.assign(connect, { serverName: serverName || new URL(proxy.ws).host }))
    return swarm.listen().then(
      () => 'listening',
      (error) => error.code
    )
  }
  expect(await listenAs('', {})).toBe('listening')
  expect(await listenAs('proxy.example', {})).toBe('WRONG_SERVER')
  expect(await listenAs('proxy.example', { behindProxy: '10.0.0.0/8' })).toBe('WRONG_SERVER')
  expect(await listenAs('proxy.example', { behindProxy: true })).toBe('listening')
  expect(await listenAs('', { behindProxy: true })).toBe('WRONG_SERVER')
})

test('a port in use is reported with the flag to change it', async () => {
  const { adminPort, port } = await startProxy().then(({ running }) => running.ports)
  await expect(startProxy({ port: String(port) })).rejects.toMatchObject({
    message: `Cannot listen on 127.0.0.1 port ${port}: it is in use.`,
    hint: 'Choose another with --port.',
    exitCode: 6
  })
  await expect(startProxy({ adminPort: String(adminPort) })).rejects.toMatchObject({ hint: /--admin-port/ })
  await expect(startProxy({ tcpPort: String(port) })).rejects.toMatchObject({ hint: /--tcp-port/ })
  await expect(startProxy({ host: '203.0.113.1' })).rejects.toThrow(/this machine does not have the address/)
})

test('unusable files at the start end it', async () => {
  const nothing = file('empty', '# nothing here\n')
  await expect(startProxy({ tokenFile: '/no/such/file' })).rejects.toMatchObject({
    message: 'The token file cannot be read: /no/such/file (ENOENT).',
    exitCode: 6
  })
  await expect(startProxy({ tokenFile: nothing })).rejects.toThrow(/cannot be used: it has no token\.$/)
  await expect(startProxy({ cert: nothing, key: nothing })).rejects.toThrow(/^The certificate in .* cannot be used: /)
})

// The primary prints the ports of any worker: those without the responder said that there was none.
test('a worker without the STUN responder reports its port', async () => {
  const settings = await settingsOf({ stunPort: '34780' })
  const running = await RunningServer.start({ settings, worker: 2, log: createLog(settings, 2, { write: () => {} }) })
  onTestFinished(() => running.stop())
  expect(running.ports.stunPort).toBe(34_780)
})
