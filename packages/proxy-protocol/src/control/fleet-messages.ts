/**
 * What the servers of a fleet tell each other through a broker: the bodies of signed messages. They name no client but by
 * its public key, and no topic but by a keyed hash. While a fleet is upgraded, its servers are of two versions: fields are
 * only appended, a server ignores those that it does not know, and `absent` has what an older one does not say.
 */
import { growingBodyOf, record } from './body-codec.js'
import { flag, key, list, shortText, u32 } from './fields.js'
import { emptyBody } from './shared-bodies.js'

/** Most keys of one topic that a server tells at once. */
export const MAX_FLEET_KEYS = 64
/** Most topics in one message. */
export const MAX_FLEET_TOPICS = 1000

/** SERVER: what a server says about itself, several times in each lease. */
export interface FleetServerBody {
  /** For people. */
  name: string
  /** Where it accepts links of other servers, host:port; '' if nowhere. */
  linkAddress: string
  /** Where clients reach it; '' if it does not say. */
  url: string
  /** Sessions. */
  clients: number
  /** Sessions that it takes. */
  maxClients: number
  /** Milliseconds that everything it has told holds after this message. */
  leaseMs: number
  /** Topics that it has told keys of. */
  topics: number
  /** Whether it is about to stop, and hands its clients over. */
  isDraining: boolean
}

/** SERVER. */
export const fleetServerBody = growingBodyOf<FleetServerBody>(
  'SERVER',
  record<FleetServerBody>(
    {
      name: shortText,
      linkAddress: shortText,
      url: shortText,
      clients: u32,
      maxClients: u32,
      leaseMs: u32,
      topics: u32,
      isDraining: flag
    },
    // It may have told keys, so it is asked for them.
    { topics: 1, isDraining: false }
  )
)

/** The keys that a server has on one topic. */
export interface FleetTopic {
  /** The keyed hash of the topic. */
  topic: Uint8Array
  /** Whether `added` is everything; otherwise it is the change since the last message. */
  isWhole: boolean
  /** Keys that it has there, told or not. */
  total: number
  added: readonly Uint8Array[]
  removed: readonly Uint8Array[]
}

/** TOPICS. */
export interface FleetTopicsBody {
  /** Whether the others shall tell the sender what they have on these topics. */
  asks: boolean
  topics: readonly FleetTopic[]
}

const keys = list('keys', key, MAX_FLEET_KEYS)
const topic = record<FleetTopic>({ topic: key, isWhole: flag, total: u32, added: keys, removed: keys })

/** TOPICS. */
export const fleetTopicsBody = growingBodyOf<FleetTopicsBody>(
  'TOPICS',
  record<FleetTopicsBody>({ asks: flag, topics: list('topics', topic, MAX_FLEET_TOPICS) })
)

/** The messages, by name. */
export const FLEET_MESSAGES = {
  /** The server is here. */
  SERVER: { number: 1, body: fleetServerBody },
  /** The server leaves, and everything it has told is void. */
  LEAVE: { number: 2, body: emptyBody },
  /** Keys on topics. */
  TOPICS: { number: 3, body: fleetTopicsBody }
} as const
