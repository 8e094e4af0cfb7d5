import { createServer } from 'node:http'
import { Server } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
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
  const bind = vi.spyOn(Server.prototype, 'listen')
  onTestFinished(() => bind.mockRestore())
  const listening = codeOf(listen(server, { host: HOST }))
  const destroyed = server.destroy()
  expect(await listening).toBe('SERVER_CLOSING')
  await destroyed
  expect(bind.mock.contexts.map((made) => (made as Server).listening)).toEqual([false])
})

test('listen of a destroyed server leaves a borrowed HTTP server as it was', async () => {
  const [server, http] = [rendezvousServer(), createServer()]
  await server.destroy()
  expect(await codeOf(listen(server, { server: http }))).toBe('SERVER_CLOSING')
  expect(http.listenerCount('upgrade')).toBe(0)
})
