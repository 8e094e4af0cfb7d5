import type { DhtNode } from '@swarmway/swarm'
import b4a from 'b4a'

/** A peer that is announced on a topic. */
export interface AnnouncedPeer {
  /** In hex. */
  readonly publicKey: string
  /** DHT nodes that can reach it, as `host:port`. */
  readonly relayAddresses: readonly string[]
}

/** Every peer announced on the topic, once each. */
export async function findPeers(dht: DhtNode, topic: Uint8Array): Promise<AnnouncedPeer[]> {
  const found = new Map<string, AnnouncedPeer>()
  for await (const { peers } of dht.lookup(topic)) {
    for (const peer of peers) {
      const publicKey = b4a.toString(peer.publicKey, 'hex')
      const relayAddresses = peer.relayAddresses.map(({ host, port }) => `${host}:${port}`)
      found.set(publicKey, { publicKey, relayAddresses })
    }
  }
  return [...found.values()]
}
