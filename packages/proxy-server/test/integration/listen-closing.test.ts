import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/websocket/index.js'
import { rendezvousServer } from '../support/servers.js'
import { codeOf } from '../support/test-client.js'
import { HOST } from '../support/testnet.js'

// It opened a port that answered 503 to everybody.
test('listen rejects if the server is destroyed', async () => {
  const server = rendezvousServer()
  await server.destroy()
  expect(await codeOf(listen(server, { host: HOST }))).toBe('SERVER_CLOSING')
})

test('listen rejects if the server is destroyed meanwhile, and leaves no port', async () => {
  const server = rendezvousServer()
  const port = await freePort()
  const listening = codeOf(listen(server, { host: HOST, port }))
  const destroyed = server.destroy()
  expect(await listening).toBe('SERVER_CLOSING')
  await destroyed
  await expect(fetch(`http://${HOST}:${port}`)).rejects.toThrow('fetch failed')
})

test('listen of a destroyed server leaves a borrowed HTTP server as it was', async () => {
  const [server, http] = [rendezvousServer(), createServer()]
  await server.destroy()
  expect(await codeOf(listen(server, { server: http }))).toBe('SERVER_CLOSING')
  expect(http.listenerCount('upgrade')).toBe(0)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
