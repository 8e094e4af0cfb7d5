// The proxied swarm as types: it is a swarm, with a link. Compiled, never run.
import ProxyClientDefault, { type Connection, ProxyClient, type SwarmCore, topicFrom } from '@swarmway/proxy-client'
import { messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'

const client = new ProxyClient({ connect: websocket('wss://one.example', 'wss://two.example') })
const same: ProxyClient = new ProxyClientDefault({ connection: null })

client.on('disconnected', ({ error, retryMs }) => [error.code, retryMs === null])
client.on('connection', (connection: Connection, info) => connection.write(info.publicKey))
// @ts-expect-error: an event that does not exist
client.on('conected', () => {})
// @ts-expect-error: the way to reach the server is missing
new ProxyClient()

export function join(swarm: Pick<SwarmCore, 'join'> = client): Promise<boolean> {
  return swarm.join(topicFrom('sample')).flushed()
}

export { messagePort, same }
