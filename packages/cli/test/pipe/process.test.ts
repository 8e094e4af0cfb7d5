import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Swarm } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { meetingOf } from '../../src/shared/names/secret-name.js'
import { MAIN, run, start } from '../support/command.js'
import { NO_DHT, temporaryFolder, useNetwork } from '../support/net.js'

const network = useNetwork()

/** Runs it with a file as its input. Resolves to what it said. */
async function runFromFile(args: readonly string[], path: string): Promise<string> {
  const script = 'exec "$0" "$@" < "$FILE"'
  const words = ['-c', script, process.execPath, MAIN, ...args]
  return (await promisify(execFile)('sh', words, { env: { ...process.env, FILE: path } })).stderr
}

test('a native and a proxied side exchange binary data, and both succeed', async () => {
  const { native, proxy } = network()
  const [sent, answered] = [randomBytes(3_000_000), randomBytes(1_000_000)]
  const [near, far] = await Promise.all([
    run(['pipe', 'binary', ...native], sent),
    run(['pipe', 'binary', '--proxy', await proxy()], answered)
  ])
  expect([near.code, far.code]).toEqual([EXIT.ok, EXIT.ok])
  expect(near.stdout.equals(answered) && far.stdout.equals(sent)).toBe(true)
  expect(near.stderr).toContain('Done: 3.0 MB sent, 1.0 MB received.')
})

test('a generated name is shown and works on the other side; the end of one input is seen at once', async () => {
  const { native } = network()
  const near = start(['pipe', '--quiet', ...native])
  await near.says(/On the other side: swarmway pipe \w{24} --bootstrap \S+.* > received-\w{4}\n/)
  const name = /pipe (\w+)/.exec(near.stderr)?.[1] ?? ''
  const far = start(['pipe', name, '--quiet', ...native])
  const seesEnd = once(far.output, 'end')
  near.stdin.end('first')
  await seesEnd
  expect(far.stdout.toString()).toBe('first')
  far.stdin.end('second')
  expect(await near.outcome()).toMatchObject({ code: EXIT.ok, stdout: Buffer.from('second') })
  expect(await far.outcome()).toMatchObject({ code: EXIT.ok, stderr: '' })
})

test('a file is carried with progress on both sides', async () => {
  const { native } = network()
  const path = join(temporaryFolder(), 'file')
  const content = randomBytes(20_000_000)
  writeFileSync(path, content)
  const far = start(['pipe', 'progress', ...native])
  far.stdin.end()
  const near = runFromFile(['pipe', 'progress', ...native], path)
  expect((await far.outcome()).stdout.equals(content)).toBe(true)
  for (const text of [far.stderr, await near]) expect(text).toMatch(/\d+% {2}.* of 20\.0 MB/)
})

test('a third is turned away, and the two continue', async () => {
  const { native } = network()
  const [a, b] = [start(['pipe', 'two', ...native]), start(['pipe', 'two', ...native])]
  await Promise.all([a.says('Connected.'), b.says('Connected.')])
  const third = await run(['pipe', 'two', ...native])
  expect(third).toMatchObject({
    code: EXIT.denied,
    stderr: expect.stringContaining('Two others are already connected')
  })
  a.stdin.end('hello')
  b.stdin.end()
  expect((await b.outcome()).stdout.toString()).toBe('hello')
  expect((await a.outcome()).code).toBe(EXIT.ok)
})

test('a peer that knows the topic but not the name is turned away in the handshake', async () => {
  const { native, node } = network()
  const { topic } = await meetingOf('secret', 'pipe')
  const waiting = start(['pipe', 'secret', ...native])
  await waiting.says('Waiting')
  const stranger = new Swarm({ dht: node() })
  onTestFinished(() => stranger.destroy())
  const codes: string[] = []
  stranger.on('dial-error', ({ code }) => codes.push(code))
  stranger.join(topic)
  await until('the stranger to be refused', () => codes.includes('NOT_A_MEMBER'))
  expect(stranger.connections.size).toBe(0)
  expect(waiting.stderr).not.toContain('Connected')
})

test.each([
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated]
] as const)('%s ends one side as interrupted and the other as broken', async (signal, code) => {
  const { native } = network()
  const name = `ended by ${signal}`
  const [a, b] = [start(['pipe', name, ...native]), start(['pipe', name, ...native])]
  await Promise.all([a.says('Connected.'), b.says('Connected.')])
  // It did not say that the other side has only a part.
  const stderr = expect.stringContaining('Not everything was transferred')
  expect(await a.kill(signal).outcome()).toMatchObject({ code, stderr })
  expect(await b.outcome()).toMatchObject({ code: EXIT.broken, stderr: expect.stringContaining('left before') })
})

test('interrupted while waiting, it withdraws its announcement', async () => {
  const { native } = network()
  const waiting = start(['pipe', 'short', ...native])
  await waiting.says('Waiting')
  const lookup = () => run(['lookup', 'short', '--as', 'pipe', ...native])
  while ((await lookup()).code !== EXIT.ok) await waiting.says('Waiting')
  expect((await waiting.kill('SIGTERM').outcome()).code).toBe(EXIT.terminated)
  expect((await lookup()).code).toBe(EXIT.notFound)
})

test('the writer learns that the reader closed our output', async () => {
  const { native } = network()
  const near = start(['pipe', 'head', ...native])
  const far = start(['pipe', 'head', ...native])
  far.stdin.end()
  near.stdin.write('first')
  await far.prints('first')
  far.output.destroy()
  near.stdin.write(Buffer.alloc(100_000))
  expect((await far.outcome()).code).toBe(EXIT.ok)
  expect(await near.outcome()).toMatchObject({ code: EXIT.broken, stderr: expect.stringContaining('stopped reading') })
})

// `swarmway pipe name 2>&1 > file | head` ended in the middle, with the exit code of success.
test('everything is carried although nobody reads the remarks', async () => {
  const { native } = network()
  const near = start(['pipe', 'unheard', ...native])
  await near.says('Waiting for the other side.')
  near.stopReadingRemarks()
  const far = start(['pipe', 'unheard', ...native])
  near.stdin.end('first')
  far.stdin.end('second')
  expect(await near.outcome()).toMatchObject({ code: EXIT.ok, stdout: Buffer.from('second') })
  expect(await far.outcome()).toMatchObject({ code: EXIT.ok, stdout: Buffer.from('first') })
})

test('unreachable servers, refusals and bad input are reported with a hint and an exit code', async () => {
  const closed = await network().proxy({ authenticate: async () => false })
  const cases: [string[], number, string][] = [
    [['x', '--proxy', 'ws://127.0.0.1:9'], EXIT.unreachable, 'could not be reached'],
    [['x', ...NO_DHT], EXIT.unreachable, 'No node of the DHT answers'],
    [['x', '--proxy', closed], EXIT.denied, 'refuses us'],
    [['x', '--proxy', 'https://proxy.example'], EXIT.usage, 'such as wss://'],
    [['x', '--bootstrap', 'nowhere'], EXIT.usage, 'host and port'],
    [[' '], EXIT.usage, 'name is empty']
  ]
  const outcomes = await Promise.all(cases.map(([args]) => run(['pipe', ...args])))
  for (const [i, [, code, text]] of cases.entries()) {
    expect(outcomes[i]).toMatchObject({ code, stderr: expect.stringContaining(text) })
    expect(outcomes[i]?.stderr).toContain('hint:')
  }
})

test('waiting for the network is reported, unless quiet', async () => {
  const url = await network().proxy({ authenticate: () => new Promise(() => {}) })
  const waiting = start(['pipe', 'slow', '--proxy', url])
  await waiting.says('Waiting for the proxy server to answer.')
  const [loud, quiet] = await Promise.all([
    run(['pipe', 'slow', ...NO_DHT]),
    run(['pipe', 'slow', '--quiet', ...NO_DHT])
  ])
  expect(loud.stderr).toContain('Waiting for the DHT to answer.')
  expect(quiet.stderr).toMatch(/^error: No node/)
})

test('the token and the proxy server may come from the environment', async () => {
  const isRight = async ({ auth }: { auth: Uint8Array }) => Buffer.from(auth).toString() === 'let me in'
  const url = await network().proxy({ authenticate: isRight })
  const env = { SWARMWAY_PROXY: `ws://127.0.0.1:9,${url}`, SWARMWAY_TOKEN: 'let me in' }
  const waiting = start(['pipe', 'env'], env)
  await waiting.says('Waiting')
})
