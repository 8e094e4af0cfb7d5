/**
 * The demo: a native peer and one behind a proxy find each other by a topic on a private DHT, and replicate a Hypercore
 * in each direction; halfway through, the link to the proxy is cut. This process runs the DHT and the proxy server,
 * starts the two peers and prints what happens. The peers are in peer.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Demo } from './demo.ts'
import { createTestnet, type Testnet } from './modules.ts'
import { DemoProxy } from './proxy.ts'
import { Screen } from './screen.ts'

const DHT_NODES = 4
const TIMEOUT_MS = 60_000
const CLEANUP_TIMEOUT_MS = 5000
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const screen = new Screen(process.stdout)
const interrupted = whenInterrupted().then(sayInterrupted)
screen.line('A native peer and one behind a proxy find each other by a topic, and replicate both ways.\n')
process.exitCode = await main()

/** Runs the demo until it ends, fails or is stopped, then cleans up processes and files. Returns the exit code. */
async function main(): Promise<number> {
  let folder: string | null = null
  let testnet: Testnet | null = null
  let proxy: DemoProxy | null = null
  let demo: Demo | null = null
  try {
    folder = await mkdtemp(join(tmpdir(), 'swarmway-demo-'))
    testnet = await createTestnet(DHT_NODES, { host: '127.0.0.1' })
    screen.row('DHT', `a private network of ${DHT_NODES} nodes, all on this machine`)
    proxy = await DemoProxy.start(testnet.bootstrap)
    screen.row('proxy', `a WebSocket server at ${proxy.url}`)
    demo = new Demo(screen, proxy, testnet.bootstrap, folder)
    const done = demo.run().then(() => 0)
    return await Promise.race([done, demo.failed, interrupted, afterTimeout()])
  } catch (error) {
    screen.clear()
    console.error(`The demo failed. ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await demo?.kill()
    await proxy?.destroy()
    await testnet?.destroy()
    if (folder !== null) await rm(folder, { recursive: true, force: true })
  }
}

/** Resolves to the exit code for the first signal. Later ones, forwarded by wrappers such as tsx and npm, are ignored. */
function whenInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    const interrupt = (code: number) => {
      resolve(code)
      setTimeout(() => process.exit(code), CLEANUP_TIMEOUT_MS).unref()
    }
    for (const [signal, code] of Object.entries(EXIT_CODES)) process.on(signal, () => interrupt(code))
  })
}

function sayInterrupted(code: number): number {
  screen.line('Interrupted.')
  return code
}

function afterTimeout(): Promise<never> {
  return new Promise((_, reject) => {
    const error = new Error(`It did not finish within ${TIMEOUT_MS / 1000} s. Is this machine very busy?`)
    setTimeout(() => reject(error), TIMEOUT_MS).unref()
  })
}
