/** The example of a peer in Bare, from its source and as a bundle, natively and through a proxy. */
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, test } from 'vitest'
import { Network } from '../../consumers/support/network.ts'
import { BareApp } from './bare.ts'

const EXAMPLE = fileURLToPath(new URL('../../../examples/bare/peer.mjs', import.meta.url))

const app = await BareApp.create()
copyFileSync(EXAMPLE, join(app.folder, 'peer.mjs'))
const network = Network.use()

const native = () => (JSON.parse(network().bootstrap) as { host: string; port: number }[]).map(toText)[0] ?? ''
const proxied = () => network().proxyUrl

test.each([
  ['native and native', native, native],
  ['native and proxied', native, proxied]
])('two peers greet each other: %s', async (name, here, there) => {
  await expectGreetings(name, ['peer.mjs', here()], ['peer.mjs', there()])
})

test('a bundle of bare-pack runs', async () => {
  const pack = join(app.folder, 'node_modules/bare-pack/bin.js')
  const options = [
    '--host',
    `${process.platform}-${process.arch}`,
    '--offload-addons',
    '--out',
    'packed/peer.bundle',
    'peer.mjs'
  ]
  execFileSync(process.execPath, [pack, ...options], { cwd: app.folder })
  await expectGreetings('bundled', ['packed/peer.bundle', native()], ['packed/peer.bundle', proxied()])
})

/** Both print what the other has written. */
async function expectGreetings(topic: string, ...peers: [file: string, way: string][]): Promise<void> {
  await Promise.all(
    peers.map(async ([file, way]) => {
      const { child, lines } = app.start(file, topic, way)
      onTestFinished(() => void child.kill('SIGKILL'))
      for await (const line of lines) if (line.includes('hello from Bare')) return
      throw new Error(`${file} ended without a greeting`)
    })
  )
}

function toText({ host, port }: { host: string; port: number }): string {
  return `${host}:${port}`
}
