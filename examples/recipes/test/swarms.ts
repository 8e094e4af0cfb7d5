import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { onTestFinished } from 'vitest'
import { startServer } from '../../../packages/proxy-client/test/browser/support/server.ts'

/** Swarms behind one proxy server, without a DHT. They are destroyed after the test. */
export async function createSwarms(count: number): Promise<ProxyClient[]> {
  const { url } = await startServer()
  return Array.from({ length: count }, () => {
    const swarm = new ProxyClient({ connect: websocket(url) })
    onTestFinished(() => swarm.destroy())
    return swarm
  })
}
