/** A WebSocket as the duplex that `handleStream` receives. */
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../../../../runtime/test/support/until.js'
import { WebSocketDuplex } from '../../../src/websocket/duplex.js'

async function connected() {
  // It times nothing out for as long as a test may take.
  const options = { port: 0, host: '127.0.0.1', closeTimeout: 600_000 }
  const server = new WebSocketServer(options)
  await new Promise((resolve) => server.once('listening', resolve))
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const remote = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    remote.terminate()
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await new Promise((resolve) => remote.once('open', resolve))
  const duplex = new WebSocketDuplex(await accepted)
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
