/**
 * `new Swarm({ dht: new HyperDHT() })` kept the process running for ever after `destroy()`; with hyperswarm it ends. Programs
 * that wait for nothing but the node end, and those that wait for something else still have it.
 */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestnet } from '../support/testnet.js'

const FOLDER = fileURLToPath(new URL('../..', import.meta.url))

const temporary = mkdtempSync(join(tmpdir(), 'left-open-'))
const SOCKET_PATH = process.platform === 'win32' ? `\\\\.\\pipe\\left-open-${process.pid}` : join(temporary, 'socket')

/** `then` is what else the program does. */
const program = (bootstrap: object[], options: string, then: string) => `
import HyperDHT from 'hyperdht'
import { Swarm } from '@swarmway/swarm'
process.on('warning', ({ code }) => console.log(code))
const dht = new HyperDHT({ bootstrap: ${JSON.stringify(bootstrap)}, host: '127.0.0.1' })
const swarm = new Swarm({ dht, ${options} })
await swarm.join(new Uint8Array(32)).flushed();
${then}
await swarm.destroy()`

const THEN_LOOK = `
setTimeout(() => console.log(dht.destroyed ? 'destroyed' : 'open'), 5000).unref()`

/** Once the program was told, it would end soon if its node slept. */
const LOOK_WHEN_TOLD = `
process.once('warning', () => setTimeout(() => console.log(dht.destroyed ? 'destroyed' : 'open'), 3000).unref())`

const CLIENT_ONLY = `
await swarm.destroy()
new Swarm({ dht }).join(new Uint8Array(32), { server: false, client: true })`

const ONE_REQUEST = `
const busy = (await import('node:net')).createServer().listen(0)
setTimeout(() => busy.close(), 3000)`

const TWO_NODES = `
const second = new HyperDHT({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1' })
const other = new Swarm({ dht: second })
await other.join(new Uint8Array(32)).flushed()
await other.destroy()`

const LATER = `
setTimeout(() => dht.destroy(), 60000)`

const SERVES_FOR_A_WHILE = `
const node = new HyperDHT({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1', ephemeral: false })
await new Swarm({ dht: node }).destroy()
process.once('warning', () => node.destroy())`

const SUSPENDED = `
await swarm.destroy()
await dht.suspend()
setTimeout(() => dht.resume(), 60000)`

/** Node knows of nothing that the query waits for. */
const QUERY = `
dht.lookup(new Uint8Array(32), { commit: () => new Promise(() => {}) }).finished()`

const UNIX_SOCKET = `
(await import('node:net')).createServer().listen(${JSON.stringify(SOCKET_PATH)})`

/** Node does not know that the process waits for this socket. The program looks once its node has slept. */
const UNSEEN = `
dht.udx.createSocket().bind(0, '127.0.0.1')
let hasSlept = false
const look = setInterval(() => {
  hasSlept ||= dht.suspended
  if (!hasSlept || dht.suspended) return
  console.log(dht.destroyed ? 'destroyed' : 'open')
  clearInterval(look)
}, 10).unref()`

const CONNECTED = `
const server = new HyperDHT({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1' }).createServer()
await server.listen()
const connection = dht.connect(server.publicKey)
connection.on('error', () => {})
await connection.opened`

const OTHER_SWARM = `
new Swarm({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1' }).join(new Uint8Array(32))`

let testnet: Awaited<ReturnType<typeof createTestnet>>
beforeAll(async () => {
  testnet = await createTestnet(3, { host: '127.0.0.1' })
})
afterAll(() => {
  rmSync(temporary, { recursive: true })
  return testnet.destroy()
})

test.each([
  ['it waits for nothing else', ''],
  // It did not: a look came too early, and was the only one.
  ['what else it waited for is over', ONE_REQUEST],
  ['it has left two nodes', TWO_NODES],
  // The other nodes were forgotten when it was told.
  ['a node that serves others is gone', SERVES_FOR_A_WHILE]
])('a program ends and is told why when %s', async (_, then) => {
  const { closed, codes } = run(program(bootstrap(), '', then))
  expect(await closed).toBe(0)
  expect(codes).toEqual(['SWARMWAY_DHT_LEFT_OPEN'])
})

test.each([
  ['it says ownsDht: false', 'ownsDht: false', '', []],
  ['it serves something else', '', "(await import('node:net')).createServer().listen(0)", []],
  ['the node serves somebody', '', 'await dht.createServer().listen()', []],
  ['the node has a connection', '', CONNECTED, []],
  // These were told, although they were not done.
  ['its owner destroys the node later', '', LATER, []],
  ['another swarm has a node of its own', '', OTHER_SWARM, []],
  ['the next swarm on the node only looks for peers', '', CLIENT_ONLY, []],
  ['it waits for its user', '', "process.stdin.on('data', () => {})", []],
  // These lost their nodes.
  ['it waits for the end of its input', '', 'process.stdin.resume()', []],
  ['it serves others over a Unix socket', '', UNIX_SOCKET, []],
  ['it queries the DHT', '', QUERY, []],
  ['it has suspended the node for a while', '', SUSPENDED, []]
])('a program keeps its node when %s', async (_, options, then, codes) => {
  const { looked, codes: told } = run(program(bootstrap(), options, then) + THEN_LOOK)
  expect(await looked).toBe('open')
  expect(told).toEqual(codes)
})

test.each([
  ['the node was made to serve others', 'ephemeral: false', ''],
  // It asks them only, as nobody has told it its address.
  ['the node was made to serve others and does not yet', 'bootstrap: [], ephemeral: false', ''],
  ['the program listens to the node', '', "node.once('persistent', () => {})"]
])('a program keeps its node, and is told, when %s', async (_, options, then) => {
  const other = `
const node = new HyperDHT({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1', ${options} })
await node.fullyBootstrapped()
${then}
await new Swarm({ dht: node }).destroy()
await dht.destroy()`
  const { looked, codes } = run(`${program(bootstrap(), '', '')}${LOOK_WHEN_TOLD.replace('dht', 'node')}${other}`)
  expect(await looked).toBe('open')
  expect(codes).toEqual(['SWARMWAY_DHT_LEFT_OPEN'])
})

test('a node sleeps only for a moment when the process waits for something that Node does not know of', async () => {
  const { looked, codes } = run(program(bootstrap(), '', UNSEEN))
  expect(await looked).toBe('open')
  expect(codes).toEqual(['SWARMWAY_DHT_LEFT_OPEN'])
})

test('a request of the application gets its answer or its time, and then the program ends', async () => {
  const silent = createSocket('udp4')
  onTestFinished(() => void silent.close())
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const to = `{ host: '127.0.0.1', port: ${silent.address().port} }`
  const request = `dht.request({ command: 9 }, ${to}).catch(({ code }) => console.log(code))`
  const { closed, codes } = run(program(bootstrap(), '', request))
  expect(await closed).toBe(0)
  expect(codes).toEqual(['REQUEST_TIMEOUT', 'SWARMWAY_DHT_LEFT_OPEN'])
})

function bootstrap(): object[] {
  return (testnet as unknown as { bootstrap: object[] }).bootstrap
}

interface Run {
  /** Codes of the warnings so far. */
  readonly codes: string[]
  /** What the program found when it looked at its node; rejects if it ended before. */
  readonly looked: Promise<string>
  /** The exit code. */
  readonly closed: Promise<number | null>
}

function run(code: string): Run {
  const args = ['--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { cwd: FOLDER, stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const codes: string[] = []
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const looked = new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => (/^(open|destroyed)$/.test(line) ? resolve(line) : codes.push(line)))
    lines.once('close', () => reject(new Error('the program ended early')))
  })
  looked.catch(() => {})
  return { codes, looked, closed }
}
