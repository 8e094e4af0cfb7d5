/** A WebSocket of Node as a duplex, against a real one. */
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { WebSocketDuplex } from '../src/websocket/duplex.js'
import { openSocket } from '../src/websocket/node.js'
import { until } from './support/until.js'

test('destroying it lets go of the connection at once, though the other side is silent', async () => {
  // The closing handshake of a dead server was waited for, half a minute, and the process with it.
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const sockets: Socket[] = []
  let isGone = false
  server.on('connection', (_, request) => {
    const { socket } = request
    sockets.push(socket)
    // Reads nothing any more, but for the end of the connection.
    socket.removeAllListeners('data')
    socket.on('close', () => {
      isGone = true
    })
    socket.resume()
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const duplex = new WebSocketDuplex(openSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`))
  await new Promise<void>((resolve) => duplex.once('open', () => resolve()))
  await until('the connection', () => sockets.length === 1)
  duplex.destroy()
  await until('its end', () => isGone)
  expect(duplex.destroyed).toBe(true)
})
