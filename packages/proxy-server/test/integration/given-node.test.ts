/**
 * `new ProxyServer({ dht: new HyperDHT() })` kept the process running after `destroy()`, and nothing said why; and a swarm on
 * the server's node could destroy it, or put it to sleep.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { brokerPresence, MemoryBroker, ProxyServer, type ProxyServerOptions } from '../../src/index.js'
import { HOST, type NativeNode, testnet } from '../support/testnet.js'

const FOLDER = fileURLToPath(new URL('../..', import.meta.url))

async function setUp() {
  const dht = (await testnet()).node()
  const swarm = (options: SwarmOptions) =>
    new Swarm({ ...options, dht: dht as unknown as NonNullable<SwarmOptions['dht']> })
  return { dht, swarm }
}

type Presence = NonNullable<ProxyServerOptions['fleet']>['presence']

function makeServer(dht: NativeNode, ownsDht: boolean): ProxyServer {
  const server = new ProxyServer({ dht, ownsDht })
  onTestFinished(() => server.destroy())
  return server
}

test.each([true, false])('with ownsDht: %s, a given node is destroyed with the server or not', async (ownsDht) => {
  const { dht } = await setUp()
  await makeServer(dht, ownsDht).destroy()
  expect(dht.destroyed).toBe(ownsDht)
})

test('a node that servers and swarms own is destroyed with the last of them', async () => {
  const { dht, swarm } = await setUp()
  const [first, second, third] = [makeServer(dht, true), swarm({ ownsDht: true }), makeServer(dht, true)]
  await first.destroy()
  await second.destroy()
  expect(dht.destroyed).toBe(false)
  await third.destroy()
  expect(dht.destroyed).toBe(true)
})

// Swarms on the node took it for one that the server still used: none of them destroyed it or put it to sleep.
test('a server that could not be made has left the node, and has not destroyed it', async () => {
  const { dht, swarm } = await setUp()
  const presence = () => {
    throw new Error('no broker')
  }
  const fleet = { name: 'faulty', presence }
  expect(() => new ProxyServer({ dht, ownsDht: true, fleet })).toThrow('no broker')
  expect(dht.destroyed).toBe(false)
  await swarm({ ownsDht: true }).destroy()
  expect(dht.destroyed).toBe(true)
})

test('a server whose end fails has left the node', async () => {
  const { dht } = await setUp()
  const presence: Presence = (tools) => {
    const made = brokerPresence(new MemoryBroker().client())(tools)
    const close = made.close.bind(made)
    return Object.assign(made, { close: () => close().then(() => Promise.reject(new Error('the broker is gone'))) })
  }
  const server = new ProxyServer({ dht, ownsDht: true, fleet: { name: 'faulty', presence, linkHost: HOST } })
  await expect(server.destroy()).rejects.toThrow('the broker is gone')
  expect(dht.destroyed).toBe(true)
})

test('a node stays awake for a server while the swarms on it are suspended', async () => {
  const { dht, swarm } = await setUp()
  const server = makeServer(dht, false)
  const other = swarm({ ownsDht: false })
  onTestFinished(() => other.destroy())
  await other.suspend()
  expect(dht.suspended).toBe(false)
  await server.destroy()
  await other.resume()
  await other.suspend()
  expect(dht.suspended).toBe(true)
})

test('a program that has nothing but the node left after the server ends, and is told why', async () => {
  const { bootstrap } = await testnet()
  const program = `
import HyperDHT from 'hyperdht'
import { ProxyServer } from '@swarmway/proxy-server'
process.on('warning', ({ code }) => console.log(code))
const server = new ProxyServer({ dht: new HyperDHT({ bootstrap: ${JSON.stringify(bootstrap)}, host: '${HOST}' }) })
await server.destroy()`
  const ended = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: FOLDER })
  ended.child.stdin?.end()
  expect((await ended).stdout).toBe('SWARMWAY_DHT_LEFT_OPEN\n')
})
