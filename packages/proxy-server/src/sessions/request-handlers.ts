import {
  CLIENT_NOTICES,
  CLIENT_REQUESTS,
  noticeDispatch,
  type ProxyError,
  protocolError,
  requestDispatch,
  SERVER_NOTICES,
  tell
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { ClientIdentity } from '../client/identity.js'
import type { ServerServices } from '../context/services.js'
import { QuerySlots } from '../dht/query-slots.js'
import { Dials } from '../dialing/dials.js'
import { Announcements } from '../discovery/announcements.js'
import { Queries } from '../discovery/queries.js'
import { Records } from '../discovery/records.js'
import { HandshakeSlots } from '../listening/handshake-slots.js'
import { Keys } from '../listening/keys.js'
import { Watches } from '../rendezvous/watches.js'
import { DirectReports } from '../stats/direct-reports.js'

const answer = requestDispatch<typeof CLIENT_REQUESTS, RequestHandlers>(
  CLIENT_REQUESTS,
  {
    LISTEN: ({ keys }, body) => keys.listen(body),
    UNLISTEN: ({ keys }, publicKey) => keys.unlisten(publicKey),
    QUERY: ({ queries }, body) => queries.query(body),
    UNANNOUNCE: ({ queries }, body) => queries.unannounce(body),
    CONNECT: ({ dials }, body) => dials.connect(body),
    FIND_PEER: ({ records }, target) => records.findPeer(target),
    MUTABLE_PUT: ({ records }, body) => records.mutablePut(body),
    MUTABLE_GET: ({ records }, body) => records.mutableGet(body),
    IMMUTABLE_PUT: ({ records }, value) => records.immutablePut(value),
    IMMUTABLE_GET: ({ records }, target) => records.immutableGet(target),
    DIRECT_REPORT: async ({ directReports }, report) => directReports.take(report)
  },
  'server'
)

const take = noticeDispatch<typeof CLIENT_NOTICES, RequestHandlers>(CLIENT_NOTICES, {
  QUERY_CANCEL: ({ queries }, queryId) => queries.cancel(queryId),
  CONNECT_CANCEL: ({ dials }, dialId) => dials.cancel(dialId),
  WATCH: ({ watches }, topic) => watches.add(topic),
  UNWATCH: ({ watches }, topic) => watches.delete(topic)
})

/**
 * What a client listens on, announces, asks and dials. A session makes it with the client's first wish: most clients of
 * a large server want nothing for most of the time, and those should cost next to nothing.
 */
export class RequestHandlers {
  readonly handshakeSlots: HandshakeSlots
  readonly keys: Keys
  readonly dials: Dials
  readonly slots: QuerySlots
  readonly announcements: Announcements
  readonly queries: Queries
  readonly watches: Watches
  readonly records: Records
  readonly directReports: DirectReports
  readonly #client: Client

  /** Proofs of keys are bound to `identity`. */
  constructor(context: ServerServices, client: Client, identity: ClientIdentity) {
    this.#client = client
    this.handshakeSlots = new HandshakeSlots(client, context.clock, context.limits.peerHandshakeTimeoutMs)
    const onKeyLost = (publicKey: Uint8Array): void => this.announcements.dropKey(publicKey)
    this.keys = new Keys(context, client, this.handshakeSlots, identity, onKeyLost)
    this.dials = new Dials(context, client)
    this.slots = new QuerySlots(client)
    this.announcements = new Announcements(context, client, this.keys)
    const { announcements, slots } = this
    this.queries = new Queries(context, client, this.keys, { announcements, slots })
    this.watches = new Watches(context.rendezvous, client)
    this.records = new Records(context, client, slots)
    this.directReports = new DirectReports(context.clock, context.counters)
  }

  /** Answers a request. Rejects with a `ProxyError`. */
  answer(op: number, body: Uint8Array): Promise<Uint8Array> {
    return answer(this, op, body)
  }

  /** Takes a notification. @throws ProxyError `PROTOCOL_ERROR` */
  notice(op: number, body: Uint8Array): void {
    if (!take(this, op, body)) throw protocolError(`notification ${op} is not known here`)
  }

  /** The topics that the client watches, announces or asks about. */
  topics(): Uint8Array[] {
    const all = [...this.watches.topics(), ...this.announcements.topics(), ...this.queries.topics()]
    return [...new Map(all.map((topic) => [b4a.toString(topic, 'hex'), topic])).values()]
  }

  /** Ends what the client has to do with a topic, and tells it why. What is in the DHT expires, or it withdraws that. */
  denyTopic(topic: Uint8Array, error: ProxyError): void {
    this.watches.delete(topic)
    this.queries.deny(topic, error)
    this.announcements.dropTopic(topic)
    tell(this.#client, SERVER_NOTICES.TOPIC_DENIED, { topic, error })
  }

  /** Gives everything up. */
  destroy(): void {
    this.queries.destroy()
    this.dials.destroy()
    this.watches.destroy()
    this.announcements.destroy()
    this.handshakeSlots.destroy()
    void this.keys.destroy()
  }
}
