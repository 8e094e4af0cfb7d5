// The types that users may rely on. Compiled, never run. Each @ts-expect-error marks a mistake that the compiler must
// find: otherwise the comment itself is the error.
import SwarmDefault, {
  type Connection,
  type DialFailure,
  type JoinOptions,
  type KeyPair,
  type PeerDiscoverySession,
  type PeerInfo,
  Swarm,
  type SwarmOptions,
  topicFrom
} from '@swarmway/swarm'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function isTrue<_T extends true>(): void {}

const options: SwarmOptions = {
  maxPeers: 8,
  seed: new Uint8Array(32),
  bootstrap: ['localhost:49737', { host: 'localhost', port: 49738 }],
  firewall: async (publicKey, payload) => publicKey.byteLength !== 32 || payload === null
}
const swarm = new Swarm(options)
const same: Swarm = new SwarmDefault()

swarm.on('connection', (connection, info) => {
  isTrue<Equal<typeof connection, Connection>>()
  isTrue<Equal<typeof info, PeerInfo>>()
  connection.write(info.publicKey)
  connection.on('data', (data) => isTrue<Equal<typeof data, Uint8Array>>())
  connection.on('error', (error) => isTrue<Equal<typeof error, Error>>())
  const topics: Uint8Array[] = info.topics
  info.ban(topics.length === 0, { ttlMs: 1000 })
  // @ts-expect-error: a property that peers do not have
  info.topicz
})
swarm.once('dial-error', (failure) => isTrue<Equal<typeof failure, DialFailure>>())
swarm.on('update', () => swarm.connections.size)
// @ts-expect-error: an event that does not exist
swarm.on('conection', () => {})
// @ts-expect-error: an option of the wrong type
new Swarm({ maxPeers: '8' })
// @ts-expect-error: an option that does not exist
new Swarm({ maxPeer: 8 })

const join: JoinOptions = { client: true, server: false, limit: 4 }
const session: PeerDiscoverySession = swarm.join(topicFrom('sample'), join)
// @ts-expect-error: a topic is bytes, not a string
swarm.join('sample')
// @ts-expect-error: a mode of the wrong type
swarm.join(topicFrom('sample'), { client: 1 })

export async function use(): Promise<KeyPair> {
  const isFlushed: boolean = await session.flushed()
  const connection: Connection = await swarm.connect(new Uint8Array(32))
  for await (const data of connection) isTrue<Equal<typeof data, Uint8Array>>()
  const dialled: number = swarm.stats.connects.client.opened
  for (const [hex, info] of swarm.peers) if (isFlushed && dialled > 0) info.reconnect(hex.length > 0)
  await same.destroy()
  return swarm.keyPair
}
