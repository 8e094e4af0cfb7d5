import type { AddressInfo } from 'node:net'
import { ProxyServer } from '../../../../proxy-server/src/index.js'
import { listen } from '../../../../proxy-server/src/websocket/index.js'
import { createTestnet } from '../../../../swarm/test/support/testnet.js'

type Testnet = Awaited<ReturnType<typeof createTestnet>>

/** Proxy servers on a DHT of their own. */
export interface Lab {
  readonly urls: readonly string[]
  readonly testnet: Testnet
  destroy(): Promise<void>
}

/** Starts this many servers on 127.0.0.1. The caller destroys it. */
export async function createLab(howMany: number): Promise<Lab> {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  const doors = await Promise.all(Array.from({ length: howMany }, () => openDoor(testnet)))
  return {
    urls: doors.map(({ url }) => url),
    testnet,
    destroy: async () => {
      await Promise.all(doors.map((door) => door.close()))
      await testnet.destroy()
    }
  }
}

async function openDoor(testnet: Testnet): Promise<{ url: string; close(): Promise<void> }> {
  const server = new ProxyServer({ dht: testnet.createNode(), drainMs: 200 })
  const listener = await listen(server, { host: '127.0.0.1' })
  return {
    url: `ws://127.0.0.1:${(listener.address as AddressInfo).port}`,
    close: async () => {
      await server.destroy()
      await listener.close()
    }
  }
}
