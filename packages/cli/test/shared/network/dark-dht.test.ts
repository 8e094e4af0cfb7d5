import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { SwarmCore } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { sayWhenAnnounced, watchReach } from '../../../src/shared/network/waiting.js'
import { Status } from '../../../src/shared/terminal/status.js'
import { startProxy } from '../../proxy/support/proxy.js'
import { run, start } from '../../support/command.js'
import { DARK, NO_DHT, temporaryFolder } from '../../support/net.js'

/** A proxy server whose DHT never answers. */
async function darkProxy(): Promise<string[]> {
  const { ws } = await startProxy({ rendezvousOnly: false, bootstrap: [DARK.bootstrap], dhtHost: DARK.host })
  return ['--proxy', ws]
}

/** A server that accepts connections and never says anything. */
async function silentServer(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function note(): { folder: string; path: string; content: Buffer } {
  const folder = temporaryFolder()
  const path = join(folder, 'note')
  const content = randomBytes(100_000)
  writeFileSync(path, content)
  return { folder, path, content }
}

/** Every command that uses the network, with arguments. */
const COMMANDS: [name: string, args: () => string[]][] = [
  ['send', () => [note().path]],
  ['receive', () => ['abandon-ability-able-about-above', '--yes']],
  ['pipe', () => ['a name']],
  ['chat', () => ['a name', '--listen']],
  ['serve', () => ['1', 'a name']],
  ['connect', () => ['a name']],
  ['share', () => [note().folder]],
  ['get', () => ['y'.repeat(52)]],
  ['lookup', () => ['a topic']]
]

function startCommand(name: string, args: () => string[], way: readonly string[]) {
  return start([name, ...args(), ...way], { XDG_DATA_HOME: temporaryFolder() })
}

// It waited for the announcement in the DHT: no code, and not a word, for 20 s and more.
test('send shows its code although the DHT is out of reach, and a receiver at the same server gets the file', async () => {
  const way = await darkProxy()
  const { content, path } = note()
  const target = temporaryFolder()
  const sender = start(['send', path, ...way])
  await sender.prints('\n')
  const received = await run(['receive', sender.stdout.toString().trim(), target, '--yes', ...way])
  expect(received).toMatchObject({ code: 0 })
  expect(await sender.outcome()).toMatchObject({ code: 0 })
  expect(readFileSync(join(target, 'note')).equals(content)).toBe(true)
})

// The server had not noticed yet that its DHT was gone, so nobody could say so.
test('a DHT that falls silent is said while the code is not announced, and when it is back', async () => {
  const said: string[] = []
  const status = new Status({ write: (text) => said.push(text.trim()) })
  const swarm = Object.assign(new EventEmitter(), { offline: null, destroyed: false }) as unknown as SwarmCore
  let announce: (isDone: boolean) => void = () => {}
  const announced = new Promise<boolean>((resolve) => (announce = resolve))
  sayWhenAnnounced({ swarm, isProxied: true }, () => announced, status)
  watchReach({ swarm }, status)
  await until('a remark', () => said.some((line) => line.startsWith('The DHT has not answered the proxy server yet')))
  const tell = swarm as unknown as EventEmitter
  for (let i = 0; i < 2; i++) tell.emit('offline', { reason: 'SERVER_OFFLINE', nextTryMs: 1 })
  tell.emit('online')
  announce(true)
  await until('the end', () => said.length === 4)
  expect(said.slice(1)).toEqual([
    expect.stringContaining('The proxy server cannot reach the DHT'),
    'The proxy server reaches the DHT again.',
    'We are in the DHT: everybody can find us now.'
  ])
})

test.each(COMMANDS)('%s says that the proxy server cannot reach the DHT', async (name, args) => {
  await startCommand(name, args, await darkProxy()).says('The proxy server cannot reach the DHT')
})

test.each(COMMANDS)('%s says that it waits for a proxy server that does not answer', async (name, args) => {
  await startCommand(name, args, ['--proxy', await silentServer()]).says('Waiting for the proxy server')
})

test.each(COMMANDS)('%s ends, and says what to do, if no node of the DHT answers', async (name, args) => {
  const command = startCommand(name, args, NO_DHT)
  expect(await command.outcome()).toMatchObject({ code: 3, stderr: expect.stringContaining('swarmway doctor') })
})
