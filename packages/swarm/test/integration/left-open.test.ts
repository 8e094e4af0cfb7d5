/**
 * `new Swarm({ dht: new HyperDHT() })` kept the process running for ever after `destroy()`; with hyperswarm it ends. Programs
 * that wait for nothing but the node end, and those that wait for something else still have it.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestnet } from '../support/testnet.js'

const FOLDER = fileURLToPath(new URL('../..', import.meta.url))

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
setTimeout(() => console.log(dht.destroyed ? 'destroyed' : 'open'), 7000).unref()`

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

const SERVES_OTHERS = `
const node = new HyperDHT({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1', ephemeral: false })
await node.fullyBootstrapped()
const other = new Swarm({ dht: node })
await other.destroy()
await dht.destroy()`

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
afterAll(() => testnet.destroy())

test.each([
  ['it waits for nothing else', ''],
  // It did not: a look came too early, and was the only one.
  ['what else it waited for is over', ONE_REQUEST],
  ['it has left two nodes', TWO_NODES]
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
  ['it waits for its user', '', "process.stdin.on('data', () => {})", []]
])('a program keeps its node when %s', async (_, options, then, codes) => {
  const { looked, codes: told } = run(program(bootstrap(), options, then) + THEN_LOOK)
  expect(await looked).toBe('open')
  expect(told).toEqual(codes)
})

test('a node that was made to serve others stays open, and the program is told', async () => {
  const { looked, codes } = run(`${program(bootstrap(), '', '')}${SERVES_OTHERS}${THEN_LOOK.replace('dht', 'node')}`)
  expect(await looked).toBe('open')
  expect(codes).toEqual(['SWARMWAY_DHT_LEFT_OPEN'])
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
