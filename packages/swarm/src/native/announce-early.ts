import { type Clock, endsWithin } from '@swarmway/runtime'
import persistent from 'hyperdht/lib/persistent.js'
import { SwarmError } from '../errors.js'
import type { Address, AnnounceEarly, EarlyAnnounce } from '../network/dht-node.js'
import type { KeyPair } from '../util/keys.js'

/** Most milliseconds to wait until the node knows whether others reach it directly. It mostly knows by then. */
const BOOTSTRAP_MS = 1000
/** As many as HyperDHT itself announces. */
const MAX_ADDRESSES = 3

/** The part of a HyperDHT node that is used here. */
interface AnnouncingNode {
  /** Its address if others reach it directly, null if not, or before that is known. */
  remoteAddress(): Address | null
  /** Resolves when the node knows its network, and whether it is behind a firewall. */
  fullyBootstrapped(): Promise<unknown>
}

/** What HyperDHT is about to sign and store. */
interface AnnounceRecord {
  readonly peer: { relayAddresses: readonly Address[] }
}

/**
 * Lets announces on a HyperDHT node look peers up while the server does not listen yet, which takes a lookup itself:
 * only what is stored has to wait, for the server's relays are part of it. Our own address comes before them if others
 * reach us there: a dial then needs no relay, and one round trip less. Undefined for another kind of node.
 */
export function announceEarlyOn(node: object, clock: Clock): AnnounceEarly | undefined {
  if (!isAnnouncing(node)) return undefined
  let known: Promise<unknown> | null = null
  return ({ isOver, listening, server }: EarlyAnnounce) => {
    // Where nothing answers, nothing is stored, and nobody waits for it.
    listening.catch(ignore)
    return {
      async signAnnounce(target: Uint8Array, token: Uint8Array, id: Uint8Array, record: AnnounceRecord, key: KeyPair) {
        await listening
        known ??= endsWithin(clock, BOOTSTRAP_MS, node.fullyBootstrapped())
        await known
        if (isOver()) throw new SwarmError('CANCELLED', 'the announce has ended')
        record.peer.relayAddresses = waysTo(node.remoteAddress(), server.relayAddresses)
        return persistent.signAnnounce(target, token, id, record, key)
      }
    }
  }
}

function waysTo(own: Address | null, relays: readonly Address[]): readonly Address[] {
  if (own === null || relays.some(({ host, port }) => host === own.host && port === own.port)) return relays
  return [own, ...relays].slice(0, MAX_ADDRESSES)
}

/** HyperDHT passes what it stores to the option `signAnnounce`. Other nodes with its interface may ignore that. */
function isAnnouncing(node: object): node is AnnouncingNode {
  return ['_requestAnnounce', 'fullyBootstrapped', 'remoteAddress'].every((name) => name in node)
}

function ignore(): void {}
