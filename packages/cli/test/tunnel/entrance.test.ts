import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { Status } from '../../src/shared/terminal/status.js'
import { Entrance } from '../../src/tunnel/entrance.js'
import { Tunnels } from '../../src/tunnel/tunnels.js'
import { connectionPair } from '../support/connections.js'
import { tcpClient, tcpServer } from './support.js'

const NOBODY = { onMessage: () => {}, onClose: () => {} }

/** A peer that serves a service which says `name`. Returns the connecting side's end. */
async function peer(name: string): Promise<Channel> {
  const { port } = await tcpServer((socket) => socket.end(name))
  const [near, far] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  new Tunnels(new Channel(far, NOBODY), () => connect({ host: '127.0.0.1', port, allowHalfOpen: true }))
  return new Channel(near, NOBODY)
}

// Only the latest was known: when it left, programs waited although the first was still there.
test('of two peers that serve, one is used when the other has left', async () => {
  const said: string[] = []
  const stream = new Writable({ write: (text, _, done) => done(void said.push(String(text))) })
  const { port, server } = await tcpServer(() => {})
  const entrance = new Entrance(server, new Status(stream, false))
  const [first, second] = [await peer('first'), await peer('second')]
  entrance.onPeer(first)
  entrance.onPeer(second)
  second.destroy()
  await until('the second to leave', () => second.isClosed)
  const client = tcpClient(port)
  await until('the answer', () => client.hasEnded)
  expect(client.text()).toBe('first')
  expect(said.join('')).not.toContain('left')
  first.destroy()
  await until('the last to leave to be said', () => said.join('').includes('The other side left'))
})
