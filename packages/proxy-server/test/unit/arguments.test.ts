import { expect, test } from 'vitest'
import { ProxyServer, type ProxyServerOptions } from '../../src/index.js'
import { type ListenOptions, listen } from '../../src/websocket/index.js'

/** Options that only JavaScript lets through, by the word that the error begins with. A server took them, and did without. */
const SERVER: [string, unknown][] = [
  ['options', null],
  ['options', 'options'],
  ['dht', { dht: {} }],
  ['dht', { dht: 5 }],
  ['host', { host: 'localhost' }],
  ['limits', { limits: 5 }],
  ['limits', { limits: null }],
  ['maxTopics', { maxTopics: 10 }],
  ['maxClients', { maxClients: 10 }],
  ['pingMisses', { pingMisses: 3 }],
  ['limits.maxClients', { limits: { maxClients: -1 } }],
  ['limits.clients', { limits: { clients: 1 } }],
  ['authenticate', { authenticate: 'token' }],
  ['graceMs', { graceMs: -1 }],
  ['ownKeys', { ownKeys: ['key'] }],
  ['stunPort', { stunPort: 0 }]
]

const LISTEN: [string, unknown][] = [
  ['options', null],
  ['server', { server: {} }],
  ['server', { server: 'http://localhost' }],
  ['server', { port: 0, cert: 'certificate', key: 'key' }],
  ['path', { path: 5 }],
  ['path', { path: 'no-slash' }],
  ['host', { host: 5 }],
  ['maxConnections', { maxConnections: 0 }]
]

const refusal = (name: string) =>
  expect.objectContaining({ name: 'TypeError', code: 'INVALID_ARGUMENT', message: expect.stringMatching(`^${name} `) })

test.each(SERVER)('a ProxyServer names %s in the error of %j', (name, options) => {
  expect(() => new ProxyServer(options as ProxyServerOptions)).toThrowError(refusal(name))
})

test.each(LISTEN)('listen names %s in the error of %j', async (name, options) => {
  const server = new ProxyServer({ dht: null })
  await expect(listen(server, options as ListenOptions)).rejects.toThrowError(refusal(name))
  await server.destroy()
})

test('undefined is as good as nothing', async () => {
  const server = new ProxyServer({ dht: null, host: undefined, maxClients: undefined } as object)
  const listener = await listen(server, { host: '127.0.0.1', port: 0, cert: undefined } as object)
  await server.destroy()
  await listener.close()
})
