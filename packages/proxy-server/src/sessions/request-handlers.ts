import {
  CLIENT_NOTICE,
  CLIENT_REQUEST,
  idBody,
  keyBody,
  ProxyError,
  protocolError,
  SERVER_NOTICE,
  topicDeniedBody
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

type Answer = (handlers: RequestHandlers, body: Uint8Array) => Promise<Uint8Array>
type Notice = (handlers: RequestHandlers, body: Uint8Array) => void

const ANSWERS: ReadonlyMap<number, Answer> = new Map<number, Answer>([
  [CLIENT_REQUEST.LISTEN, ({ keys }, body) => keys.listen(body)],
  [CLIENT_REQUEST.UNLISTEN, ({ keys }, body) => keys.unlisten(keyBody.decode(body))],
  [CLIENT_REQUEST.QUERY, ({ queries }, body) => queries.query(body)],
  [CLIENT_REQUEST.UNANNOUNCE, ({ queries }, body) => queries.unannounce(body)],
  [CLIENT_REQUEST.CONNECT, ({ dials }, body) => dials.connect(body)],
  [CLIENT_REQUEST.FIND_PEER, ({ records }, body) => records.findPeer(body)],
  [CLIENT_REQUEST.MUTABLE_PUT, ({ records }, body) => records.mutablePut(body)],
  [CLIENT_REQUEST.MUTABLE_GET, ({ records }, body) => records.mutableGet(body)],
  [CLIENT_REQUEST.IMMUTABLE_PUT, ({ records }, body) => records.immutablePut(body)],
  [CLIENT_REQUEST.IMMUTABLE_GET, ({ records }, body) => records.immutableGet(body)]
])

const NOTICES: ReadonlyMap<number, Notice> = new Map<number, Notice>([
  [CLIENT_NOTICE.QUERY_CANCEL, ({ queries }, body) => queries.cancel(idBody.decode(body))],
  [CLIENT_NOTICE.CONNECT_CANCEL, ({ dials }, body) => dials.cancel(idBody.decode(body))],
  [CLIENT_NOTICE.WATCH, ({ watches }, body) => watches.add(keyBody.decode(body))],
  [CLIENT_NOTICE.UNWATCH, ({ watches }, body) => watches.delete(keyBody.decode(body))]
])

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
  }

  /** Answers a request. Rejects with a `ProxyError`. */
  answer(op: number, body: Uint8Array): Promise<Uint8Array> {
    const answer = ANSWERS.get(op)
    if (answer === undefined) throw new ProxyError('NOT_FOUND', `this server knows no request ${op}`)
    return answer(this, body)
  }

  /** Takes a notification. @throws ProxyError `PROTOCOL_ERROR` */
  notice(op: number, body: Uint8Array): void {
    const notice = NOTICES.get(op)
    if (notice === undefined) throw protocolError(`notification ${op} is not known here`)
    notice(this, body)
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
    this.#client.notify(SERVER_NOTICE.TOPIC_DENIED, topicDeniedBody.encode({ topic, error }))
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
