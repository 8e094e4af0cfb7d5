import type { DhtAddress, HyperDht } from '../dht/hyperdht.js'
import { connectionFailed } from '../errors.js'
import type { PacketBudget } from './packet-budget.js'

/** Bytes that HyperDHT puts around a handshake message. */
const HANDSHAKE_OVERHEAD_BYTES = 90
/** Bytes of a request to punch a hole. */
const HOLEPUNCH_BYTES = 350

type Send = (target: Uint8Array, message: { noise?: Uint8Array }, to: DhtAddress) => Promise<unknown>
type Request = (message: object, to: DhtAddress, options: object) => Promise<unknown>
/** The part of HyperDHT's router that dials use. */
interface Router {
  readonly dht: { request: Request }
  peerHandshake: Send
  peerHolepunch: Send
}

/**
 * The same node, for one dial of a client, which names the addresses `named`. They may be anybody's. So each gets a packet,
 * or two if it is the only one, without HyperDHT's retries, and as far as the budget allows; otherwise the peer is only
 * looked for in the DHT.
 */
export function withPacketBudget(dht: HyperDht, named: readonly DhtAddress[], budget: PacketBudget): HyperDht {
  const router = limitedRouter(dht._router as unknown as Router, named, budget)
  return new Proxy(dht, { get: (node, name) => (name === '_router' ? router : Reflect.get(node, name)) })
}

/** At most one address of each host. */
export function onePerHost<T extends DhtAddress>(addresses: readonly T[]): T[] {
  return addresses.filter(({ host }, i) => addresses.findIndex((address) => address.host === host) === i)
}

/** Hole punches go through a node that the client may have made up, unless it has answered in this dial. */
function limitedRouter(router: Router, named: readonly DhtAddress[], budget: PacketBudget): Router {
  const once = view(router, { dht: view(router.dht, { request: withoutRetry(router.dht) }) })
  const answered = new Set<string>()
  const send = async (action: () => Promise<unknown>, to: DhtAddress) => {
    const reply = await action()
    answered.add(nameOf(to))
    return reply
  }
  const handshake: Send = (target, message, to) => {
    if (!named.includes(to)) return send(() => router.peerHandshake(target, message, to), to)
    const bytes = (message.noise?.byteLength ?? 0) + HANDSHAKE_OVERHEAD_BYTES
    const trySend = () => (budget.spend(bytes) ? once.peerHandshake(target, message, to) : refused())
    // A packet may get lost, and there is no other way to try.
    return send(() => (named.length > 1 ? trySend() : trySend().catch(trySend)), to)
  }
  const holepunch: Send = (target, message, to) => {
    if (answered.has(nameOf(to))) return router.peerHolepunch(target, message, to)
    return budget.spend(HOLEPUNCH_BYTES) ? once.peerHolepunch(target, message, to) : refused()
  }
  return view(router, { peerHandshake: handshake, peerHolepunch: holepunch })
}

function withoutRetry(dht: Router['dht']): Request {
  return (message, to, options) => dht.request(message, to, { ...options, retry: false })
}

function refused(): Promise<never> {
  return Promise.reject(
    connectionFailed('the client has sent too little to have more sent to the addresses that it names')
  )
}

/** The same object, with other members. */
function view<T extends object>(owner: T, members: Partial<T>): T {
  const descriptors = Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, { value, configurable: true }])
  )
  return Object.create(owner, descriptors) as T
}

function nameOf({ host, port }: DhtAddress): string {
  return `${host}:${port}`
}
