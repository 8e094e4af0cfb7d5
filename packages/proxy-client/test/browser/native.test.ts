/** A tab among peers that have UDP: it meets `hyperswarm` through the DHT, whatever state the page is in. */
import { createHash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Connection, SwarmCore } from '@swarmway/swarm'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.js'
import { type BareTab, openBareTab } from './support/bare-tab.js'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { createLab } from './support/lab.js'

const require = createRequire(import.meta.url)
const Hyperswarm = require('hyperswarm') as new (options: object) => SwarmCore

const SENT_BYTES = 3 * 1024 * 1024

const browser = useChromium()
let bundle: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('native.js'))
})

test('3 MiB from a native peer to a tab and back, unchanged', async () => {
  const { connection, tab } = await meet()
  const data = randomBytes(SENT_BYTES)
  const returned = readBytes(connection, SENT_BYTES)
  await tab.evaluate('echo()')
  connection.write(data)
  expect(sha256(await returned)).toBe(sha256(data))
})

describe('a tab keeps its connection', () => {
  test('while it is hidden', async () => {
    const { connection, tab } = await meet()
    await tab.evaluate('echo()')
    await tab.hide()
    const data = randomBytes(SENT_BYTES)
    const returned = readBytes(connection, SENT_BYTES)
    connection.write(data)
    expect(sha256(await returned)).toBe(sha256(data))
    await tab.show()
    await expectEcho(connection)
  })

  test('after the browser froze it, as browsers do with hidden tabs', async () => {
    const { connection, tab } = await meet()
    await tab.evaluate('echo()')
    await tab.evaluate(
      "globalThis.seen = []; for (const type of ['freeze', 'resume']) document.addEventListener(type, () => seen.push(type)); 0"
    )
    await tab.hide()
    await tab.freeze()
    const answer = readBytes(connection, 5)
    connection.write(Buffer.from('hello'))
    await tab.show()
    expect((await answer).toString()).toBe('hello')
    expect(await tab.evaluate('seen')).toEqual(['freeze', 'resume'])
  })
})

/** A hyperswarm and a tab that have found each other through the DHT. */
async function meet(): Promise<{ connection: Connection; tab: BareTab }> {
  const lab = await createLab(1)
  onTestFinished(() => lab.destroy())
  const swarm = new Hyperswarm({ dht: lab.testnet.createNode() })
  onTestFinished(() => swarm.destroy())
  const topic = randomBytes(32)
  await swarm.join(topic, { client: false }).flushed()
  const connected = new Promise<Connection>((resolve) => swarm.once('connection', resolve))
  const tab = await openBareTab(browser(), bundle)
  await tab.evaluate(`join('${lab.urls[0]}', '${topic.toString('hex')}')`)
  const connection = await connected
  connection.on('error', () => {})
  return { connection, tab }
}

async function expectEcho(connection: Connection): Promise<void> {
  const answer = readBytes(connection, 5)
  connection.write(Buffer.from('hello'))
  expect((await answer).toString()).toBe('hello')
}

function readBytes(connection: Connection, howMany: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  return new Promise((resolve) => {
    const onData = (chunk: Uint8Array) => {
      chunks.push(chunk)
      bytes += chunk.byteLength
      if (bytes < howMany) return
      connection.off('data', onData)
      resolve(Buffer.concat(chunks))
    }
    connection.on('data', onData)
  })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
