/** Runs the examples as a user would, each in its own process, against a private DHT. */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { createTestnet } from '../examples/demo/modules.ts'

for (const name of ['http-server', 'fastify']) {
  test(`examples/proxy/${name}.ts connects two clients, and ends on request`, async () => {
    const example = await start(name)
    await meet(() => new ProxyClient({ connect: websocket(example.url) }))
    expect(await example.stop()).toBe(0)
  })
}

test('examples/proxy/tcp.ts connects two clients that have its token, and denies one with another token', async () => {
  const example = await start('tcp', { TOKEN: 'open sesame' })
  const port = Number(new URL(example.url).port)
  const connectTcp = () => connect({ port, host: '127.0.0.1', noDelay: true })
  const stranger = new ProxyClient({ connect: connectTcp, auth: 'guess' })
  const { error, retryMs } = await new Promise<{ error: { code: string }; retryMs: number | null }>((resolve) => {
    stranger.once('disconnected', resolve)
  })
  expect(error.code).toBe('AUTH_DENIED')
  expect(retryMs).toBeGreaterThan(10_000)
  await stranger.destroy()
  await meet(() => new ProxyClient({ connect: connectTcp, auth: 'open sesame' }))
  expect(await example.stop()).toBe(0)
})

test('examples/proxy/corestore.ts replicates from one proxied process to another', async () => {
  const proxy = await start('http-server')
  const writer = run('corestore', [proxy.url])
  const [, key = ''] = await writer.line(/sharing ([0-9a-f]{64})/)
  const reader = run('corestore', [proxy.url, key])
  await reader.line(/block 4: proxy/)
  expect(await reader.ended).toBe(0)
  expect(await writer.stop()).toBe(0)
  expect(await proxy.stop()).toBe(0)
})

/** Checks that two clients find each other on a topic and echo. */
async function meet(createClient: () => ProxyClient): Promise<void> {
  const [asking, answering] = [createClient(), createClient()]
  answering.on('connection', (connection) => connection.pipe(connection))
  const echoed = new Promise<string>((resolve) => {
    asking.on('connection', (connection) => {
      connection.write('echo')
      connection.on('data', (data) => resolve(data.toString()))
    })
  })
  for (const swarm of [asking, answering]) swarm.join(topicFrom('examples'))
  expect(await echoed).toBe('echo')
  await Promise.all([asking.destroy(), answering.destroy()])
}

/** Starts a proxy example on a free port and waits for its address. */
async function start(name: string, env: Record<string, string> = {}) {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  onTestFinished(() => testnet.destroy())
  const [node] = testnet.bootstrap
  const process = run(name, [], { PORT: '0', BOOTSTRAP: `${node?.host}:${node?.port}`, ...env })
  const [, url = ''] = await process.line(/proxy on (\S+)/)
  return { ...process, url }
}

function run(name: string, args: string[], env: Record<string, string> = {}) {
  const file = new URL(`../examples/proxy/${name}.ts`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = () => {
    child.kill('SIGINT')
    return ended
  }
  return { ended, stop, line: linesOf(child) }
}

/** Returns a function that waits for a line that matches. Earlier lines count. */
function linesOf(child: ChildProcess): (pattern: RegExp) => Promise<RegExpExecArray> {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line)
      for (const wake of [...waiting]) wake()
    })
  }
  return (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null)
        if (match) resolve(match)
        else waiting.add(look)
      }
      child.once('exit', () => reject(new Error(`ended without a line like ${pattern}: ${lines.join(' | ')}`)))
      look()
    })
}
