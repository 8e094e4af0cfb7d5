import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import Protomux from 'protomux'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type FileOffer, PROTOCOL } from '../../room/protocol.ts'
import { Room } from '../../room/room.ts'
import type { SharedFile } from '../../room/shared-file.ts'

const PATIENCE = { timeout: 120_000 }

test('a peer that sends nonsense is expelled, and the others keep talking', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada')
  const grace = enter(createSwarm(), 'Grace')
  await vi.waitFor(() => expect([ada.peers.length, grace.peers.length]).toEqual([1, 1]), PATIENCE)
  const vandal = createSwarm()
  const closed = new Promise<void>((resolve) => {
    vandal.on('connection', (connection) => {
      const channel = Protomux.from(connection).createChannel({ protocol: PROTOCOL })
      const message = channel.addMessage({ onmessage: () => {} })
      channel.open()
      message.send(new TextEncoder().encode('{"type":"hello"'))
      connection.once('close', resolve)
    })
  })
  vandal.join(ada.topic)
  await closed
  ada.say('still here')
  await vi.waitFor(() => expect(grace.conversation.lines.map(({ text }) => text)).toEqual(['still here']), PATIENCE)
})

test('text that is too long is cut before it is sent: the others would reject it', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'A'.repeat(100))
  const grace = enter(createSwarm(), 'Grace')
  ada.say('long '.repeat(1000))
  await vi.waitFor(() => expect(grace.conversation.lines[0]?.text).toHaveLength(2000), PATIENCE)
  expect(grace.peers[0]?.nickname).toBe('A'.repeat(32))
  ada.nickname = 'Augusta'
  await vi.waitFor(() => expect(grace.peers[0]?.nickname).toBe('Augusta'), PATIENCE)
})

// Said while offline, it looked as sent as everything else.
test('a line counts as delivered once it has reached somebody', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada')
  const line = ada.say('is anybody here?')
  await ada.discovery.flushed()
  expect(line.isDelivered).not.toBe(true)
  const grace = enter(createSwarm(), 'Grace')
  await vi.waitFor(() => expect(line.isDelivered).toBe(true), PATIENCE)
  await vi.waitFor(() => expect(grace.conversation.lines[0]?.text).toBe('is anybody here?'), PATIENCE)
})

test('a peer is shown in the colour that it chose', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada', 123)
  const grace = enter(createSwarm(), 'Grace')
  ada.say('hello')
  await vi.waitFor(() => expect(grace.conversation.lines[0]?.hue).toBe(123), PATIENCE)
  expect(grace.peers[0]?.hue).toBe(123)
})

test('a line from the future gets the current time', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada')
  const grace = enter(createSwarm(), 'Grace')
  vi.spyOn(Date, 'now').mockReturnValueOnce(Date.now() + 1e9)
  ada.say('tomorrow')
  await vi.waitFor(() => expect(grace.conversation.lines).toHaveLength(1), PATIENCE)
  expect(grace.conversation.lines[0]?.timeMs).toBeLessThanOrEqual(Date.now())
})

test('a file that is larger or smaller than announced fails and is not kept', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada')
  const lies: Partial<FileOffer>[] = [{ sizeBytes: 99_999 }, { sizeBytes: 100_001 }]
  const offers = await Promise.all(lies.map(() => ada.share(sourceOf(100_000))))
  for (const [index, { offer }] of offers.entries()) Object.assign(offer, lies[index])
  const grace = enter(createSwarm(), 'Grace')
  await vi.waitFor(() => expect(grace.files.size).toBe(2), PATIENCE)
  const files = [...grace.files.values()]
  await Promise.all(files.map((file) => grace.fetch(file)))
  expect(files.map(({ state }) => state)).toEqual(['failed', 'failed'])
  expect(files.map(({ failure }) => failure).sort()).toEqual([
    'It is larger than announced.',
    'It is smaller than announced.'
  ])
  await expect(readAll(files[0] as SharedFile)).rejects.toThrow('the file is not complete')
})

test('a file that is too large is refused before it is read, and one that cannot be read fails', async () => {
  const createSwarm = await startProxy()
  const ada = enter(createSwarm(), 'Ada')
  await expect(ada.share(sourceOf(512 * 1024 * 1024 + 1))).rejects.toThrow('Files of up to 512 MB can be shared.')
  expect(ada.files.size).toBe(0)
  const broken = { ...sourceOf(10), read: () => Promise.reject(new Error('it was moved')) }
  expect((await ada.share(broken)).failure).toBe('The file could not be read: it was moved')
})

/** A proxy server without a DHT. Returns a function that makes its clients. */
async function startProxy(): Promise<() => ProxyClient> {
  const server = new ProxyServer({ dht: null, drainMs: 0 })
  const { address, close } = await listen(server, { port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    await server.destroy()
    await close()
  })
  const url = `ws://127.0.0.1:${(address as { port: number }).port}`
  return () => {
    const swarm = new ProxyClient({ connect: websocket(url) })
    onTestFinished(() => swarm.destroy())
    return swarm
  }
}

function enter(swarm: ProxyClient, nickname: string, hue?: number): Room {
  const room = new Room(swarm, { name: 'unit', nickname, hue, reach: 'proxy', onChange: () => {} })
  onTestFinished(() => room.close())
  return room
}

function sourceOf(sizeBytes: number) {
  const read = async (start: number, end: number) => new Uint8Array(end - start).fill(start)
  return { name: 'zeros', mediaType: '', sizeBytes, read }
}

async function readAll(file: SharedFile): Promise<void> {
  for await (const _ of file.read());
}
