import { type NetworkAddress, STREAM_KIND, withoutStack } from '@swarmway/proxy-protocol'
import { createAbort } from '../client/abort.js'
import type { Client } from '../client/client.js'
import type { ServerResources } from '../context/resources.js'
import type { HolePunches } from '../dht/hole-punches.js'
import type { HyperDht, RawStream } from '../dht/hyperdht.js'
import { StandInStream } from '../dht/stand-in.js'
import { cancelled, connectionFailed, withCode } from '../errors.js'
import { NativePump } from '../streams/native-pump.js'
import { DialHandshake } from './dial-handshake.js'
import { nodeForDial } from './dial-node.js'
import { HeadStart } from './head-start.js'
import { onePerHost, withPacketBudget } from './named-addresses.js'
import type { PacketBudget } from './packet-budget.js'

/** A dial, as requested by its client. */
export interface DialOrder {
  readonly client: Client
  readonly dialId: number
  readonly publicKey: Uint8Array
  readonly addresses: NetworkAddress[]
  /** The client's. */
  readonly budget: PacketBudget
  /** The client's. */
  readonly punches: HolePunches
  /** Fires when the dial is no longer wanted, also because its client ended. */
  readonly signal: AbortSignal
}

/** HyperDHT requires a key pair and only passes it on to our replacements, so any will do. */
const NO_KEY = { publicKey: new Uint8Array(32) }

/** Dials a peer through the DHT. Resolves when the client has its stream; rejects with the code that ended the dial. */
export async function dialThroughDht(dht: HyperDht, context: ServerResources, order: DialOrder): Promise<void> {
  // What the dial still asks the DHT ends with it, so that it takes nobody's turn.
  const ended = createAbort()
  try {
    await untilConnected(dht, context, order, ended.signal)
  } finally {
    ended.abort()
  }
}

function untilConnected(
  dht: HyperDht,
  context: ServerResources,
  order: DialOrder,
  requestSignal: AbortSignal
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error | null) => reject(withCode(error ?? connectionFailed('the dial ended'), 'DIAL_FAILED'))
    const stream = new StandInStream({
      onFailed: fail,
      onRawStream: (raw) => {
        try {
          handOver(raw, context, order)
          resolve()
        } catch (error) {
          raw.destroy()
          fail(error as Error)
        }
      }
    })
    order.signal.addEventListener('abort', () => stream.destroy(cancelled('the dial')), { once: true })
    try {
      connect(dht, stream, context, order, requestSignal)
    } catch (error) {
      fail(error as Error)
    }
  })
}

function connect(
  dht: HyperDht,
  stream: StandInStream,
  context: ServerResources,
  order: DialOrder,
  signal: AbortSignal
): void {
  const { addresses, clock, limits } = context
  const headStart = new HeadStart(clock, signal)
  const named = onePerHost(addresses.fromClient(order.addresses))
  // It would go on for half a minute without sending anything, and a node punches few holes at random ports at once.
  const end = () => stream.destroy(connectionFailed('dials of this client have sent too many packets to punch holes'))
  const limited = order.punches.nodeFor(withPacketBudget(dht, named, order.budget), end)
  const node = nodeForDial(limited, context, { client: order.client, headStart })
  node.connect(order.publicKey, {
    keyPair: NO_KEY,
    relayAddresses: named,
    localConnection: addresses.usesLocalNetwork,
    createSecretStream: () => stream,
    createHandshake: () =>
      new DialHandshake({
        ...order,
        addresses,
        timeoutMs: limits.peerHandshakeTimeoutMs,
        onAnswered: () => headStart.settle(false),
        onFailed: (error) => stream.destroy(error)
      }),
    holepunch: (_remote, _local, remoteAddresses) => remoteAddresses.every(({ host }) => addresses.mayContact(host))
  })
}

function handOver(raw: RawStream, context: ServerResources, { client, dialId }: DialOrder): void {
  if (!context.addresses.mayContact(raw.remoteHost))
    throw withoutStack('ADDRESS_FORBIDDEN', 'the peer gave an address that is not public')
  const { budget, clock } = context
  const stream = client.openStream({ kind: STREAM_KIND.DIAL, id: dialId })
  new NativePump(raw, stream, { ...client.limits, owner: client, budget, clock })
  context.counters.dhtConnections++
}
