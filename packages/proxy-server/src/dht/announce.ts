import { type FoundPeer, SIGN_KIND, type SignKind } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { cancelled } from '../errors.js'
import type { DhtAddress, DhtReply, DhtRequest, HyperDht } from './hyperdht.js'
import { COMMANDS, encodeAnnounce } from './native.js'
import type { QueryPlace } from './query-place.js'
import { readQuery } from './run-query.js'
import { type Sign, signedBy } from './signers.js'

/** Requests of one query at once, as in a lookup. */
const MAX_REQUESTS = 10
/** A node reports at most this many peers of a topic, so that a full reply does not show whether it knows a key. */
const FULL_REPLY_PEERS = 20

/** A key on a topic, and how to ask for its signatures. */
export interface AnnounceOrder {
  readonly dht: HyperDht
  readonly place: QueryPlace
  readonly topic: Uint8Array
  readonly publicKey: Uint8Array
  readonly relayAddresses: DhtAddress[]
  /** Where to look first: what `announceKey` resolved to; empty: anywhere. */
  readonly closestNodes: DhtAddress[]
  readonly sign: Sign
  readonly signal: AbortSignal
  onPeers(peers: readonly FoundPeer[]): void
  /** The lookup has ended: whether any node has answered. */
  onEvidence(isAnswered: boolean): void
}

type Node = Pick<DhtReply, 'from' | 'token'>

/** A request to one node, without its signature. */
interface Step {
  readonly kind: SignKind
  readonly node: Node
  readonly relayAddresses: DhtAddress[]
}

/** A request that can be sent. */
interface Composed {
  readonly request: DhtRequest
  readonly to: DhtAddress
}

/**
 * Announces a key on a topic as HyperDHT does, in three parts: a lookup, the client's signatures, and the requests that
 * need them. The query has no place while the client signs. Removes older records of the key from other nodes if
 * `isFirst`. Resolves to the nodes closest to the topic. Rejects if no node has answered, with the client's error if it
 * has not signed.
 */
export async function announceKey(order: AnnounceOrder, isFirst: boolean): Promise<DhtAddress[]> {
  const { closest, closestNodes, holders } = await lookUp(order)
  if (closest.length === 0) throw new Error('too few nodes responded')
  const isClosest = ({ from }: Node) => closest.some((node) => isSame(node.from, from))
  const stale = isFirst ? holders.filter((node) => !isClosest(node)) : []
  if (isFirst) forgetOwnRecord(order)
  const outcomes = await perform(order, [
    ...closest.map((node) => ({ kind: SIGN_KIND.ANNOUNCE, node, relayAddresses: order.relayAddresses })),
    ...stale.map(withdrawal)
  ])
  const announced = outcomes.slice(0, closest.length)
  const failure = announced.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined && !announced.some(({ status }) => status === 'fulfilled')) throw failure.reason
  return closestNodes
}

/** Looks the topic up, and withdraws the key from every node that may have it, as HyperDHT does; see `announceKey`. */
export async function withdrawKey(order: AnnounceOrder): Promise<void> {
  forgetOwnRecord(order)
  const { holders } = await lookUp(order)
  if (holders.length > 0) await perform(order, holders.map(withdrawal))
}

async function lookUp({ closestNodes, dht, onEvidence, onPeers, publicKey, signal, topic }: AnnounceOrder) {
  const query = dht.lookup(topic, closestNodes.length > 0 ? { closestNodes } : {})
  const holders: Node[] = []
  await readQuery(query, signal, (reply) => {
    const { peers = [] } = reply
    onPeers(peers)
    if (peers.length >= FULL_REPLY_PEERS || peers.some((peer) => b4a.equals(peer.publicKey, publicKey)))
      holders.push(reply)
  })
  onEvidence(query.closestReplies.length > 0)
  return { closest: query.closestReplies, closestNodes: query.closestNodes, holders }
}

/** Asks for the signatures, all at once, then sends the requests for which they have come. */
async function perform(order: AnnounceOrder, steps: Step[]): Promise<PromiseSettledResult<unknown>[]> {
  const { dht, place, signal } = order
  const requests = await place.pause(() => Promise.allSettled(steps.map((step) => compose(order, step))))
  const send = (outcome: PromiseSettledResult<Composed>) => async (): Promise<void> => {
    if (outcome.status === 'rejected') throw outcome.reason
    if (signal.aborted) throw cancelled('the query')
    await dht.request(outcome.value.request, outcome.value.to)
  }
  return inParallel(requests.map(send))
}

async function compose({ publicKey, sign, topic }: AnnounceOrder, step: Step): Promise<Composed> {
  const { kind, relayAddresses } = step
  const { from, token } = step.node
  if (token === null || from.id === null) throw new Error('the node does not store anything')
  const signature = await signedBy(sign, { kind, publicKey, target: topic, nodeId: from.id, token, relayAddresses })
  const command = kind === SIGN_KIND.ANNOUNCE ? COMMANDS.ANNOUNCE : COMMANDS.UNANNOUNCE
  const value = encodeAnnounce({ peer: { publicKey, relayAddresses }, refresh: null, signature })
  return { request: { command, target: topic, token, value }, to: from }
}

async function inParallel(tasks: (() => Promise<void>)[]): Promise<PromiseSettledResult<void>[]> {
  const outcomes: PromiseSettledResult<void>[] = []
  const waiting = tasks.entries()
  const worker = async (): Promise<void> => {
    for (const [i, task] of waiting) {
      const [outcome] = await Promise.allSettled([task()])
      outcomes[i] = outcome
    }
  }
  await Promise.all(Array.from({ length: MAX_REQUESTS }, worker))
  return outcomes
}

function withdrawal(node: Node): Step {
  return { kind: SIGN_KIND.UNANNOUNCE, node, relayAddresses: [] }
}

/** The node does not ask itself, and may have stored the key for others. */
function forgetOwnRecord({ dht, publicKey, topic }: AnnounceOrder): void {
  dht._persistent?.unannounce(topic, publicKey)
}

function isSame(a: DhtAddress, b: DhtAddress): boolean {
  return a.host === b.host && a.port === b.port
}
