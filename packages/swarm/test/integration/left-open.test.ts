/**
 * `new Swarm({ dht: new HyperDHT() })` kept the process running after `destroy()`, and nothing said why. Each program here
 * is done after `destroy()`, and is ended by the test.
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
await swarm.destroy()
setTimeout(() => console.log('looked'), 7000).unref()`

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
setTimeout(() => dht.destroy(), 5000)
setTimeout(() => {}, 60000)`

const OTHER_SWARM = `
new Swarm({ bootstrap: dht.bootstrapNodes, host: '127.0.0.1' }).join(new Uint8Array(32))`

let testnet: Awaited<ReturnType<typeof createTestnet>>
beforeAll(async () => {
  testnet = await createTestnet(3, { host: '127.0.0.1' })
})
afterAll(() => testnet.destroy())

test.each([
  ['told', 'when it waits for nothing else', '', '', ['SWARMWAY_DHT_LEFT_OPEN']],
  // It was not: a look came too early, and was the only one.
  ['told', 'when what else it waited for is over', '', ONE_REQUEST, ['SWARMWAY_DHT_LEFT_OPEN']],
  ['told', 'when it has left two nodes', '', TWO_NODES, ['SWARMWAY_DHT_LEFT_OPEN']],
  ['not told', 'with ownsDht: false', 'ownsDht: false', '', []],
  ['not told', 'when it serves something else', '', "(await import('node:net')).createServer().listen(0)", []],
  ['not told', 'when the node serves somebody', '', 'await dht.createServer().listen()', []],
  // These were told, although they were not done.
  ['not told', 'when its owner destroys the node later', '', LATER, []],
  ['not told', 'when another swarm has a node of its own', '', OTHER_SWARM, []],
  ['not told', 'when the next swarm on the node only looks for peers', '', CLIENT_ONLY, []],
  ['not told', 'when it waits for its user', '', "process.stdin.on('data', () => {})", []]
])('a program is %s, %s', async (_, _when, options, then, codes) => {
  const { bootstrap } = testnet as unknown as { bootstrap: object[] }
  expect(await warningsOf(program(bootstrap, options, then))).toEqual(codes)
})

/** Codes of the warnings of a program, until it has looked. */
async function warningsOf(code: string): Promise<string[]> {
  const args = ['--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { cwd: FOLDER, stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const codes: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'looked') return codes
    codes.push(line)
  }
  throw new Error('the program ended early')
}
