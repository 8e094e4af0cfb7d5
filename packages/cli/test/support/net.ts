import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DhtNode } from '@swarmway/swarm'
import { onTestFinished } from 'vitest'
import { type Testnet, useTestnet } from '../../../proxy-client/test/support/rig.js'
import { ProxyServer, type ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'

/** A private DHT, and the arguments that make commands use it. */
export interface TestNetwork {
  /** Arguments of a native peer. */
  readonly native: string[]
  /** A DHT node; destroyed after the test. */
  node(): DhtNode
  /** Starts a proxy server, closed after the test, and returns its URL. */
  proxy(options?: ProxyServerOptions): Promise<string>
  /** The same, with the server itself. */
  proxyServer(options?: ProxyServerOptions): Promise<{ url: string; server: ProxyServer }>
}

/**
 * A DHT of which no node answers, and the address to bind for it. It has an address of its own: the nodes of other tests ask
 * 127.0.0.1:49737 for peers that have ended, and so a DHT reaches the next peer on that port.
 */
export const DARK = { bootstrap: '127.0.0.9:9', host: '127.0.0.9' } as const

/** Arguments of a native peer that no DHT answers. */
export const NO_DHT: readonly string[] = ['--bootstrap', DARK.bootstrap, '--host', DARK.host]

/** A network for all tests of a file. */
export function useNetwork(): () => TestNetwork {
  const testnet = useTestnet()
  return () => networkOn(testnet())
}

function networkOn(testnet: Testnet): TestNetwork {
  const bootstrap = testnet.bootstrap.flatMap(({ host, port }) => ['--bootstrap', `${host}:${port}`])
  return {
    native: [...bootstrap, '--host', '127.0.0.1'],
    node() {
      const node = testnet.createNode()
      onTestFinished(() => node.destroy())
      return node
    },
    proxy: async (options) => (await openServer(testnet, options)).url,
    proxyServer: (options) => openServer(testnet, options)
  }
}

async function openServer(testnet: Testnet, options: ProxyServerOptions = {}) {
  const dht = testnet.createNode()
  const server = new ProxyServer({ dht, drainMs: 200, ...options })
  const listener = await listen(server, { host: '127.0.0.1' })
  onTestFinished(async () => {
    await server.destroy()
    await listener.close()
    await dht.destroy()
  })
  return { server, url: `ws://127.0.0.1:${(listener.address as AddressInfo).port}` }
}

/** A folder; removed after the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'swarmway-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
