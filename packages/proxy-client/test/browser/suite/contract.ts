/** The contract of a swarm, for clients in a browser: in a page, or in a worker. */
import { type Connect, ProxyClient } from '@swarmway/proxy-client'
import { type MessagePortLike, messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'
import { describeSwarmContract } from '../../../../swarm/test/contract/swarm-contract.js'
import { serveSuite } from './calls.js'
import type { Place } from './place.js'
import { suite } from './runner.js'

const RECONNECT = { reconnectMinMs: 10, reconnectMaxMs: 100 }

let place: Place = { urls: [], isThroughPage: false }
let count = 0

describeSwarmContract('in a browser', async () => ({
  createSwarm: (options) => new ProxyClient({ ...RECONNECT, ...options, connect: nextServer() }),
  destroy: async () => {}
}))

serveSuite({
  ...suite,
  settle: (settled: Place) => {
    place = settled
  }
})

/** The swarms of a test connect to the servers in turn. */
function nextServer(): Connect {
  const url = place.urls[count++ % place.urls.length] ?? ''
  if (!place.isThroughPage) return websocket(url)[0] as Connect
  return () => {
    // The page that owns this worker opens the WebSocket.
    const { port1, port2 } = new MessageChannel()
    const { postMessage } = globalThis as unknown as { postMessage(message: unknown, transfer: unknown[]): void }
    postMessage({ open: url, port: port2 }, [port2])
    return messagePort(port1 as unknown as MessagePortLike)
  }
}
