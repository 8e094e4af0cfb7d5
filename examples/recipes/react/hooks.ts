/** React hooks: a swarm that lives as long as a component, and the peers on a topic. For a page, use a `ProxyClient`. */
import type { Connection, PeerDiscoverySession, PeerInfo, PublicKeyHex } from '@swarmway/proxy-client'
import b4a from 'b4a'
import { useEffect, useRef, useState } from 'react'

interface OpenSwarm {
  destroy(): Promise<void>
}

/** What `usePeers` needs of a swarm. */
interface TopicSwarm {
  readonly connections: Iterable<Connection>
  readonly peers: ReadonlyMap<PublicKeyHex, PeerInfo>
  join(topic: Uint8Array): PeerDiscoverySession
  on(event: 'connection', listener: (connection: Connection, info: PeerInfo) => void): unknown
  off(event: 'connection', listener: (connection: Connection, info: PeerInfo) => void): unknown
}

/**
 * The swarm that `create` makes, for as long as the component is mounted; null in the first rendering and on a server. Later
 * functions are not called: to use another server, give the component another `key`.
 */
export function useSwarm<Swarm extends OpenSwarm>(create: () => Swarm): Swarm | null {
  const [swarm, setSwarm] = useState<Swarm | null>(null)
  const first = useRef(create)
  useEffect(() => {
    let made: Swarm | null = null
    // Not at once: Strict Mode unmounts and mounts again, and would leave a link that is cut while it opens.
    const timer = setTimeout(() => {
      made = first.current()
      setSwarm(made)
    })
    return () => {
      clearTimeout(timer)
      setSwarm(null)
      void made?.destroy()
    }
  }, [])
  return swarm
}

/** Joins the topic while the component is mounted, and returns the connections with peers that are on it. */
export function usePeers(swarm: TopicSwarm | null, topic: Uint8Array): readonly Connection[] {
  const [peers, setPeers] = useState<readonly Connection[]>([])
  // Another array with the same bytes is the same topic.
  const hex = b4a.toString(topic, 'hex')
  useEffect(() => {
    if (swarm === null) return
    const watch = watchTopic(swarm, b4a.from(hex, 'hex'), setPeers)
    const session = swarm.join(b4a.from(hex, 'hex'))
    return () => {
      watch.stop()
      setPeers([])
      session.destroy().catch(() => {})
    }
  }, [swarm, hex])
  return peers
}

/** Reports the connections with peers on a topic, now and whenever they change. */
function watchTopic(swarm: TopicSwarm, topic: Uint8Array, report: (peers: readonly Connection[]) => void) {
  const here = new Set<Connection>()
  const stops: (() => void)[] = []
  const look = (connection: Connection, info: PeerInfo) => {
    const isHere = info.topics.some((one) => b4a.equals(one, topic))
    if (!isHere || connection.destroyed || here.has(connection)) return
    report([...here.add(connection)])
    connection.once('close', () => here.delete(connection) && report([...here]))
  }
  const onConnection = (connection: Connection, info: PeerInfo) => {
    const onTopic = () => look(connection, info)
    info.on('topic', onTopic)
    stops.push(() => void info.off('topic', onTopic))
    onTopic()
  }
  swarm.on('connection', onConnection)
  for (const connection of swarm.connections) {
    const info = swarm.peers.get(b4a.toString(connection.remotePublicKey, 'hex') as PublicKeyHex)
    if (info !== undefined) onConnection(connection, info)
  }
  const stop = () => {
    swarm.off('connection', onConnection)
    for (const each of stops) each()
    report = () => {}
  }
  return { stop }
}
