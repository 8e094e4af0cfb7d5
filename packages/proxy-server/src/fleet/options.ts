import type { Clock } from '@swarmway/proxy-protocol'
import { badOption } from '@swarmway/runtime'
import { isServerName, isServerUrl } from './names.js'
import type { ServerKeyPair } from './presence/envelope.js'
import type { Presence } from './presence/presence.js'

/** What a presence is made with. */
export interface PresenceTools {
  /** The server's, for as long as it runs. */
  readonly keyPair: ServerKeyPair
  /** What the servers of the fleet have in common, made of its secret. */
  readonly fleetKey: Uint8Array
  readonly clock: Clock
}

/** How a server is part of a fleet: several servers whose clients meet as if they were at one. */
export interface FleetOptions {
  /** The server's name, for people; no other server of the fleet should have it. */
  name: string
  /**
   * A secret that all servers of the fleet have, and the broker does not: servers without it are not listened to, and the
   * broker cannot recognise topics. Default: none; then anyone who may use the broker may be a server.
   */
  secret?: string | undefined
  /** Makes what tells the servers of each other's clients: see `brokerPresence`, and `nats`. */
  presence: (tools: PresenceTools) => Presence
  /** Address to accept links of other servers on. Default: all. */
  linkHost?: string | undefined
  /** Port to accept links of other servers on. Default: any free one. */
  linkPort?: number | undefined
  /**
   * Where other servers open their links, host or host:port, if that is not this machine's address as the broker sees it,
   * with the port above. Default: that.
   */
  linkAddress?: string | undefined
  /** The URL by which clients reach this server. The other servers tell it their clients. Default: none. */
  url?: string | undefined
}

/** Checks options of a fleet. @throws TypeError that names the first bad one */
export function verifyFleet(options: FleetOptions | undefined): FleetOptions | null {
  if (options === undefined) return null
  const { linkAddress, linkHost, linkPort = 0, name, presence, secret, url } = options
  if (typeof name !== 'string' || !isServerName(name))
    throw badOption('fleet.name must be a name of 1 to 64 characters, without spaces, / and @')
  if (typeof presence !== 'function')
    throw badOption('fleet.presence must be a function; brokerPresence and nats return one')
  for (const [key, value] of Object.entries({ linkAddress, linkHost, secret, url }))
    if (value !== undefined && typeof value !== 'string') throw badOption(`fleet.${key} must be a string`)
  if (!Number.isInteger(linkPort) || linkPort < 0 || linkPort > 65_535)
    throw badOption(`fleet.linkPort must be an integer from 0 to 65535, not ${String(linkPort)}`)
  if (url !== undefined && !isServerUrl(url)) throw badOption('fleet.url must be a URL with ws:// or wss://')
  return options
}
