/** A WebSocket as the duplex that `handleStream` receives. */
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../../../../runtime/test/support/until.js'
import { WebSocketDuplex } from '../../../src/websocket/duplex.js'

const MAX_MESSAGE_BYTES = 2 ** 20

async function connected() {
  // It times nothing out for as long as a test may take.
  const options = { port: 0, host: '127.0.0.1', closeTimeout: 600_000 }
  const server = new WebSocketServer(options)
  await new Promise((resolve) => server.once('listening', resolve))
  const accepted = new Promise<WebSocketDuplex>((resolve) =>
    server.once('connection', (socket, { socket: connection }) =>
      resolve(new WebSocketDuplex(socket, connection, MAX_MESSAGE_BYTES))
    )
  )
  const remote = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    remote.terminate()
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await new Promise((resolve) => remote.once('open', resolve))
  const duplex = await accepted
  const said: unknown[] = []
  for (const event of ['end', 'close', 'drain'] as const) duplex.on(event, () => said.push(event))
  duplex.on('error', (error) => said.push((error as Error).message))
  return { duplex, remote, said }
}

test('ending it while reading is paused still ends it, although it must read the close frame of the other side', async () => {
  const { duplex, remote, said } = await connected()
  duplex.pause()
  duplex.end()
  const code = await new Promise((resolve) => remote.on('close', resolve))
  expect(code).toBe(1000)
  await until(() => said.length > 0)
  expect(said).toEqual(['end', 'close'])
})

test('a full socket makes the writer wait and emits drain, every time', async () => {
  const { duplex, remote, said } = await connected()
  for (let stall = 1; stall <= 2; stall++) {
    remote.pause()
    while (duplex.write(new Uint8Array(64 * 1024)));
    expect(said).toHaveLength(stall - 1)
    remote.resume()
    await until(() => said.length === stall)
    expect(duplex.write(new Uint8Array(1))).toBe(true)
  }
  expect(said).toEqual(['drain', 'drain'])
})

test('has one listener per event, the last one, which others cannot remove', async () => {
  const { duplex, remote } = await connected()
  const heard: string[] = []
  const first = () => heard.push('first')
  const second = () => heard.push('second')
  duplex.on('data', first)
  duplex.on('data', second)
  duplex.removeListener('data', first)
  remote.send(new Uint8Array(1))
  await until(() => heard.length > 0)
  expect(heard).toEqual(['second'])
})

test('data written during an end is dropped, and no event follows the end', async () => {
  const { duplex, remote, said } = await connected()
  remote.pause()
  while (duplex.write(new Uint8Array(64 * 1024)));
  duplex.cork()
  duplex.write(new Uint8Array(1))
  duplex.destroy(new Error('the reason'))
  duplex.uncork()
  duplex.write(new Uint8Array(1))
  duplex.end()
  duplex.pause()
  duplex.resume()
  duplex.destroy()
  remote.resume()
  await new Promise((resolve) => remote.on('close', resolve))
  expect(said).toEqual(['the reason', 'close'])
})

// The duplex writes the headers of its messages, whose length takes one, three or nine bytes.
test.each([1, 125, 126, 65_535, 65_536, 300_000])(
  '%i bytes written in pieces while corked arrive in as few messages as their size allows',
  async (bytes) => {
    const { duplex, remote } = await connected()
    const messages: Buffer[] = []
    remote.on('message', (data, isBinary) => messages.push(isBinary ? (data as Buffer) : Buffer.alloc(0)))
    const sent = Buffer.alloc(bytes, 'pieces')
    duplex.cork()
    if (bytes > 1) duplex.write(sent.subarray(0, 1))
    duplex.write(sent.subarray(bytes > 1 ? 1 : 0))
    duplex.uncork()
    duplex.write(Buffer.from('next'))
    const isJoined = bytes <= 256 * 1024
    await until(() => messages.at(-1)?.toString() === 'next')
    expect(messages).toHaveLength(isJoined ? 2 : 3)
    expect(Buffer.concat(messages.slice(0, -1)).equals(sent)).toBe(true)
  }
)

test('nothing is sent after the close frame', async () => {
  const { duplex, remote } = await connected()
  const messages: unknown[] = []
  remote.on('message', (data) => messages.push(data))
  duplex.end()
  duplex.write(new Uint8Array(1))
  const code = await new Promise((resolve) => remote.on('close', resolve))
  expect({ code, messages }).toEqual({ code: 1000, messages: [] })
})
