/** A private DHT with a proxy server on it, and swarms of both kinds that meet there. */
import type { AddressInfo } from 'node:net'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen, type WebSocketListener } from '@swarmway/proxy-server/websocket'
import { type Connection, type DhtNode, Swarm, type SwarmCore } from '@swarmway/swarm'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { createTestnet, type Testnet } from './packages.ts'

/** On its own DHT node, or through the proxy server. */
export type Kind = 'native' | 'proxied'

/** What an application sees of a swarm, whichever class it is. */
export interface AnySwarm extends Pick<SwarmCore, 'connections' | 'destroy' | 'dht' | 'flush' | 'join' | 'keyPair'> {
  on(event: 'connection', listener: (connection: Connection) => void): unknown
}

/** The network of a test file. */
export class Network {
  readonly #testnet: Testnet
  readonly #server: ProxyServer
  readonly #listener: WebSocketListener

  private constructor(testnet: Testnet, server: ProxyServer, listener: WebSocketListener) {
    this.#testnet = testnet
    this.#server = server
    this.#listener = listener
  }

  /** Call at the top of a test file. */
  static use(): () => Network {
    let network: Network | undefined
    beforeAll(async () => {
      network = await Network.#create()
    })
    afterAll(() => network?.destroy())
    return () => {
      if (network === undefined) throw new Error('there is no network outside of tests')
      return network
    }
  }

  /** Where programs in other processes find the DHT. */
  get bootstrap(): string {
    return JSON.stringify(this.#testnet.bootstrap)
  }

  /** Where clients in other processes find the proxy server. */
  get proxyUrl(): string {
    return `ws://127.0.0.1:${(this.#listener.address as AddressInfo).port}`
  }

  /** A swarm that is destroyed after the test. */
  createSwarm(kind: Kind): AnySwarm {
    const swarm =
      kind === 'native'
        ? new Swarm({ dht: this.#testnet.createNode() })
        : new ProxyClient({ connect: websocket(this.proxyUrl) })
    onTestFinished(() => swarm.destroy())
    return swarm as AnySwarm
  }

  async destroy(): Promise<void> {
    await this.#server.destroy()
    await this.#listener.close()
    await this.#testnet.destroy()
  }

  static async #create(): Promise<Network> {
    const testnet = await createTestnet(4, { host: '127.0.0.1' })
    const server = new ProxyServer({ dht: testnet.createNode() as DhtNode, drainMs: 200 })
    return new Network(testnet, server, await listen(server, { host: '127.0.0.1' }))
  }
}
