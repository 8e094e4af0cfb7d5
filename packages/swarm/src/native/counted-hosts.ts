import { type Clock, RateLimits } from '@swarmway/runtime'
import cenc from 'compact-encoding'
import messages from 'hyperdht/lib/messages.js'
import type { Address, HandshakeAddress } from '../network/dht-node.js'
import { member, override } from './guard/override.js'
import { HostTurns } from './host-turns.js'

/** How a handshake has come, by HyperDHT's numbers: over one relay, or over two. Everything else came directly. */
const MODE = { relayed: 2, relayedTwice: 3 } as const

/** The request that a handshake came in. */
interface HandshakeRequest {
  readonly from: Address
  readonly value: Uint8Array
}

/** The server's announcements, on nodes that relay handshakes to it. */
interface Announcer {
  isRelay(node: Address): boolean
}

type AddHandshake = (
  id: string,
  noise: Uint8Array,
  client: HandshakeAddress,
  request: HandshakeRequest,
  ...rest: never[]
) => Promise<unknown>

type TakeHandshake = (
  message: { readonly peerAddress: Address | null },
  request: HandshakeRequest
) => PromiseLike<unknown>

/**
 * Handshakes of one host that are decrypted. More get no answer, and an honest sender repeats its request, as it does for a
 * packet that is lost.
 */
const HOST_LIMITS = { perSecond: 128, capacity: 512, maxKeys: 1024 }

const changed = new WeakSet<object>()

/**
 * Makes the servers of a HyperDHT node count each handshake for the host that it truly came from. HyperDHT takes the address of
 * the dialling peer from the message. A relay puts it there, but anyone can send such a message, and invent another host
 * for each handshake. Here, the address counts if one of the relays that the server chose has named it. And what one host sends
 * is limited. Another kind of node is left as it is.
 */
export function countHonestly(node: object, clock: Clock): void {
  if (changed.has(node) || typeof member(node, 'createRawStream') !== 'function') return
  changed.add(node)
  const hosts = new RateLimits(clock, HOST_LIMITS)
  const turns = new HostTurns(clock)
  override<(...args: never[]) => object>(node, 'createServer', (create) => (...args) => {
    const server = create(...args)
    const announcer = () => member(server, '_announcer') as Announcer | null
    override<AddHandshake>(server, '_addHandshake', (add) => (id, noise, client, request, ...rest) => {
      const countedHost = countedHostOf(client, request, announcer())
      return add(id, noise, { ...client, countedHost }, request, ...rest)
    })
    override<TakeHandshake>(server, '_onpeerhandshake', (take) => async (message, request) => {
      const host = countedHostOf(message.peerAddress ?? request.from, request, announcer())
      return hosts.take(host) ? turns.take(host, () => take(message, request)) : null
    })
    return server
  })
}

/** Of two relays, the first has named the peer, and the second, which is ours, the first. */
function countedHostOf(client: Address, { from, value }: HandshakeRequest, announcer: Announcer | null): string {
  const { mode, relayAddress } = cenc.decode(messages.handshake, value)
  if (announcer?.isRelay(from) !== true) return from.host
  if (mode === MODE.relayed) return client.host
  return mode === MODE.relayedTwice && relayAddress !== null ? relayAddress.host : from.host
}
