import { SharedLookups } from '../discovery/shared-lookups.js'
import { Fleet } from '../fleet/fleet.js'
import { Listeners } from '../listening/listeners.js'
import type { Settings } from '../options.js'
import { Rendezvous } from '../rendezvous/rendezvous.js'
import type { TopicHost } from '../rendezvous/topic.js'
import type { ServerResources } from './resources.js'

/** What clients of a server share, on top of its resources. */
export interface ServerServices extends ServerResources {
  /** Null without a DHT. */
  readonly lookups: SharedLookups | null
  readonly rendezvous: Rendezvous
  readonly listeners: Listeners
  /** Null for a server on its own. */
  readonly fleet: Fleet | null
}

/** The services of a server. Calls `onTopic` when a topic comes into use or is no longer used. */
export function createServices(
  resources: ServerResources,
  settings: Settings,
  onTopic: TopicHost['onTopic']
): ServerServices {
  const { connectClients, lookupCacheMs: cacheMs } = settings
  const { clock, counters, dht, limits, queue } = resources
  const listeners = new Listeners(resources, connectClients, (publicKey, client) => fleet?.onKey(publicKey, client))
  const fleet = settings.fleet && new Fleet(settings.fleet, resources, listeners)
  const onTopicHere: TopicHost['onTopic'] = (topic, isOpen, client) => {
    fleet?.onTopic(topic, isOpen, client)
    onTopic(topic, isOpen, client)
  }
  const relayAddresses: TopicHost['relayAddresses'] = (publicKey) => listeners.get(publicKey)?.relayAddresses ?? []
  const rendezvous = new Rendezvous(
    { maxLocalPeers: limits.maxLocalPeers, clock, relayAddresses, fleet, onTopic: onTopicHere },
    connectClients
  )
  const onEvidence = (isAnswered: boolean) => resources.dhtHealth.onEvidence(isAnswered)
  const lookups = dht && new SharedLookups(dht, { queue, clock, counters, cacheMs, onEvidence })
  return { ...resources, lookups, rendezvous, listeners, fleet }
}
