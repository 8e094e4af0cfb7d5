/**
 * The proxy client in React Native: bundled by Metro with React Native's configuration, run by Hermes, and by V8 without
 * WebAssembly and without anything of Node.
 */
import { chmodSync, readFileSync } from 'node:fs'
import { topicFrom } from '@swarmway/swarm'
import * as esbuild from 'esbuild'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Network } from '../../consumers/support/network.ts'
import { type CreateEngine, createVm, hermesAt } from './engines.ts'
import { bundle, bundleAgain } from './metro.ts'
import { Phone } from './phone.ts'

/** In one line, as Hermes reads it. */
const PLATFORM = esbuild.transformSync(readFileSync(new URL('platform.js', import.meta.url), 'utf8'), {
  minify: true
}).code

const bundled = await bundle()
const { code, hermes, modules, output } = bundled
chmodSync(hermes, 0o755)
const network = Network.use()

describe('the bundle', () => {
  test('has no polyfill of Node, nothing native, and no WebAssembly', () => {
    const own = modules.map((path) => path.replace(/^.*node_modules\//, ''))
    expect(
      own.filter((path) => /^(buffer|process|stream-browserify|sodium-native|libsodium|udx-native|ws)\//.test(path))
    ).toEqual([])
    expect(own.some((path) => path.startsWith('sodium-javascript/'))).toBe(true)
    expect(code).not.toContain('import.meta')
  })

  test('has a native module for encryption, if the application chooses one', () => {
    const chosen = bundleAgain(bundled, 'module.exports = globalThis.nativeSodium').modules
    expect(chosen.filter((path) => path.includes('/sodium-javascript/'))).toEqual([])
    expect(chosen.some((path) => path.endsWith('native-sodium.js'))).toBe(true)
  })

  test('is made without a warning about our packages', () => {
    expect(output).not.toContain('@swarmway')
  })
})

describe.each<[string, CreateEngine]>([
  ['V8 without WebAssembly', createVm],
  ['Hermes', hermesAt(hermes)]
])('%s', (name, createEngine) => {
  test.skipIf(name === 'Hermes' && process.platform !== 'linux')(
    'meets a native peer, sleeps, and comes back',
    async () => {
      const topic = `phone ${name}`
      const desktop = network().createSwarm('native')
      const heard: string[] = []
      desktop.on('connection', (connection) => {
        connection.on('error', () => {})
        connection.on('data', (data) => heard.push(String(data)))
        connection.write(Buffer.alloc(100_000, 1))
      })
      await desktop.join(topicFrom(topic)).flushed()

      const phone = new Phone(createEngine, [PLATFORM, code])
      onTestFinished(() => phone.close())
      phone.call('startApp', network().proxyUrl, topic)
      await expect.poll(() => heard).toContain('hello from React Native')
      await expect.poll(() => received(phone)).toBe(100_000)

      phone.become('background')
      await expect.poll(() => phone.count('suspended')).toBe(1)
      await expect.poll(() => desktop.connections.size).toBe(0)
      phone.become('active')
      await expect.poll(() => heard.length).toBe(2)
      expect(phone.uncaught).toEqual([])
    }
  )
})

/** Bytes from the desktop. */
function received({ reports }: Phone): number {
  return reports.reduce((sum, { value, what }) => sum + (what === 'data' ? Number(value) : 0), 0)
}
