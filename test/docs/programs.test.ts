/** Runs the complete programs of the pages as a reader would, each in its own process and on its own DHT. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readPages } from '../../scripts/docs/pages.ts'
import { freePort, listening, Place, type Sample, sampleNames } from './support/sample.ts'

/** Samples that a test here or in tools/ runs. */
const RUN = new Set<string>()

program(
  'the first sample of the README: two instances greet each other, and Ctrl-C ends them',
  ['readme-native'],
  async () => {
    const place = await Place.open()
    const both = [place.run('readme-native'), place.run('readme-native')]
    for (const peer of both) await peer.line(/^they say: hello from \d+$/)
    for (const peer of both) expect(await peer.stop()).toBe(0)
  }
)

// It printed "joined".
program('the first sample of the README says when there is no network', ['readme-native'], async () => {
  const place = await Place.dark()
  const peer = place.run('readme-native')
  await peer.line(/^no network; joining as soon as there is one$/)
})

program('the README: a client greets a native peer through the proxy', ['readme-proxy', 'readme-client'], async () => {
  const place = await Place.open()
  const port = await startServer(place, 'readme-proxy')
  const native = place.run('readme-native')
  place.run('readme-client', { replace: { 8080: String(port) } })
  await native.line(/^they say: hello from behind the proxy$/)
})

program('packages/swarm: two instances say hello', ['swarm'], async () => {
  const place = await Place.open()
  const both = [place.run('swarm'), place.run('swarm')]
  for (const peer of both) await peer.line(/^hello$/)
})

program(
  'packages/proxy-server and proxy-client: a client and a native peer say hello',
  ['proxy-server', 'proxy-client'],
  async () => {
    const place = await Place.open()
    const [port, tcpPort] = [await freePort(), await freePort()]
    const server = place.run('proxy-server', { replace: { 8080: String(port), 9000: String(tcpPort) } })
    await Promise.all([listening(port), listening(tcpPort)])
    const client = place.run('proxy-client', { replace: { 8080: String(port) } })
    const native = place.run('swarm')
    await Promise.all([client.line(/^hello$/), native.line(/^hello$/), server.line(/^1 clients$/)])
    expect(await server.stop()).toBe(0)
    await client.line(/^SERVER_CLOSING next try in \d+/)
  }
)

program('packages/proxy-protocol: a request and a stream come back', ['protocol'], async () => {
  const place = await Place.open()
  const sample = place.run('protocol', { replace: { 9000: String(await freePort()) } })
  await sample.line(/^1: a request$/)
  await sample.line(/^a stream$/)
  expect(await sample.ended).toBe(0)
})

program('getting started: hello', ['hello'], async () => {
  const place = await Place.open()
  const both = [place.run('hello'), place.run('hello')]
  for (const peer of both) await peer.line(/^hello from process \d+$/)
})

program('getting started: the chat reaches one room and not another', ['chat'], async () => {
  const place = await Place.open()
  const [anna, ben, other] = ['kitchen', 'kitchen', 'cellar'].map((room) => place.run('chat', { args: [room] })) as [
    Sample,
    Sample,
    Sample
  ]
  const [, name = ''] = await ben.line(/^\* (\w{6}) is here$/)
  await anna.line(/is here$/)
  await other.line(/^\* you are in cellar$/)
  anna.type('is there tea?')
  await ben.line(new RegExp(`^${name}: is there tea\\?$`))
  expect(await anna.stop()).toBe(0)
  await ben.line(new RegExp(`^\\* ${name} is gone$`))
})

program('getting started: the same peer after a restart', ['identity'], async () => {
  const place = await Place.open()
  const replace = { "'seed'": `'${join(emptyFolder(), 'seed')}'` }
  const first = place.run('identity', { replace })
  const [, key] = await first.line(/^my key: (\w{64})$/)
  await first.line(/^reachable/)
  await first.stop()
  const second = place.run('identity', { replace })
  expect((await second.line(/^my key: (\w{64})$/))[1]).toBe(key)
})

program('getting started: notes replicate', ['share', 'read'], async () => {
  const place = await Place.open()
  const replace = { "'./": `'${emptyFolder()}/` }
  const [key = ''] = await place.run('share', { replace }).line(/^[0-9a-f]{64}$/)
  const reader = place.run('read', { args: [key], replace })
  await reader.line(/^first note$/)
  await reader.line(/^second note$/)
})

// `npm init` says "commonjs" since npm 11: a sample that is saved as .js then fails at its first import.
test('every page with a program tells how to save it as an ES module', () => {
  const pages = readPages().filter(({ blocks }) => blocks.some(({ directive }) => directive.run !== null))
  expect(pages.filter(({ text }) => !/`\w+\.mjs`|type=module/.test(text)).map(({ path }) => path)).toEqual([])
})

test('every complete program of the pages is run', () => {
  expect([...RUN].sort()).toEqual([...sampleNames].sort())
})

function program(name: string, samples: readonly string[], run: () => Promise<void>): void {
  for (const sample of samples) RUN.add(sample)
  test(name, run)
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts a sample that serves on port 8080, using another port. */
async function startServer(place: Place, name: string): Promise<number> {
  const port = await freePort()
  place.run(name, { replace: { 8080: String(port) } })
  await listening(port)
  return port
}
