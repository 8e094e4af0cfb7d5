import { type Clock, endsWithin } from '@swarmway/runtime'
import type { Address, DhtNode, NodeEvent } from '../network/dht-node.js'
import type { NetworkProbe, NetworkWatcher } from '../network/network-probe.js'
import { isSendable } from '../network/node-address.js'
import { ADDRESSES } from './addresses.js'
import { member } from './guard/override.js'

/** Nodes that are asked at once. */
const ASKED = 3
/** Known nodes that are remembered, since the node forgets those that do not answer. */
const REMEMBERED = 16
/** Milliseconds to wait for an answer. HyperDHT itself waits for a second. */
const ANSWER_MS = 1500
/** Milliseconds after the start until a node that knows no other is suspect. */
const START_MS = 2500

/** The part of a HyperDHT node that shows whether its network answers. */
export interface ProbedNode extends Pick<DhtNode, 'online'> {
  /** Our address, as other nodes see it; port 0 if they see different ones, null before they have told. */
  readonly host: string | null
  readonly port: number
  readonly bootstrapNodes: Address[]
  toArray(options: { limit: number }): Address[]
  ping(to: Address, options: { retry: boolean }): Promise<{ to: Address }>
  readonly udx: { lookup(name: string, options: { family: 4 }): Promise<{ host: string }> }
  remoteAddress(): Address | null
  on(event: 'wakeup' | NodeEvent, listener: () => void): unknown
  removeListener(event: 'wakeup' | NodeEvent, listener: () => void): unknown
}

/** How a swarm finds out whether the network of its HyperDHT node answers; undefined for other nodes. */
export function hyperdhtProbe(node: object, clock: Clock): HyperdhtProbe | undefined {
  return isProbed(node) ? new HyperdhtProbe(node, clock) : undefined
}

/** A HyperDHT server, as far as it is announced. */
export interface ServerHandle {
  readonly relayAddresses: readonly Address[]
  refresh(): void
}

/** Has a HyperDHT server announced at once, instead of after up to three seconds. */
export function announceNow(server: ServerHandle): void {
  server.refresh()
  const announcer = member(server, '_announcer')
  call(typeof announcer === 'object' && announcer !== null ? member(announcer, '_sleeper') : null, 'resume')
}

/** Asks the bootstrap nodes of a HyperDHT node, and nodes that it knows. */
export class HyperdhtProbe implements NetworkProbe {
  readonly node: ProbedNode
  readonly #clock: Clock
  /** Nodes that have been known, the latest first. */
  #known: Address[] = []
  #turn = 0
  #watcher: NetworkWatcher | null = null
  /** Our address, as the node that answered last sees it. */
  #seenAs: Address | null = null

  constructor(node: ProbedNode, clock: Clock) {
    this.node = node
    this.#clock = clock
  }

  async ask(): Promise<boolean> {
    const chosen = this.#choose()
    // The first node of a network of its own has nobody to ask.
    if (chosen.length === 0) return true
    let isAnswered = false
    const asked = chosen.map(async (to) => {
      await this.#ping(to)
      isAnswered = true
    })
    // Without a network, a name is looked up for much longer.
    await endsWithin(this.#clock, ANSWER_MS, Promise.any(asked))
    return isAnswered
  }

  /** HyperDHT emits `wakeup` when its timer was late by more than ten seconds: the process or the machine slept. */
  watch(watcher: NetworkWatcher): () => void {
    const { onBreak, onMove, onSuspicion } = watcher
    const node = this.node
    this.#watcher = watcher
    const timer = this.#clock.setTimeout(() => {
      if (node.toArray({ limit: 1 }).length === 0) onSuspicion()
    }, START_MS)
    node.on('wakeup', onBreak)
    const unwatch = ADDRESSES.watch(this.#clock, onMove)
    return () => {
      this.#watcher = null
      unwatch()
      this.#clock.clearTimeout(timer)
      node.removeListener('wakeup', onBreak)
    }
  }

  /** HyperDHT judges by what it sent in the last ten seconds, and its servers wait for its verdict. */
  revive(): void {
    const health = member(this.node, 'health')
    if (!this.node.online) call(health, 'reset')
  }

  announce(server: ServerHandle): void {
    announceNow(server)
  }

  isAnnounced(server: ServerHandle): boolean {
    return server.relayAddresses.length > (this.node.remoteAddress() === null ? 0 : 1)
  }

  async #ping({ host, port }: Address): Promise<void> {
    const address = isSendable({ host, port }) ? host : (await this.node.udx.lookup(host, { family: 4 })).host
    const { to } = await this.node.ping({ host: address, port }, { retry: false })
    this.#onSeenAs(to)
  }

  /** A NAT that sees us under another address than before has forgotten the paths of all connections. */
  #onSeenAs(to: Address): void {
    const { host, port } = this.node
    const before = this.#seenAs ?? (host === null ? null : { host, port })
    this.#seenAs = to
    if (before === null || port === 0) return
    if (before.host !== to.host || before.port !== to.port) this.#watcher?.onMove()
  }

  /** Bootstrap nodes in turn, and some of those that were known last. */
  #choose(): Address[] {
    const bootstrap = this.node.bootstrapNodes.map(directAddress)
    const known = this.#remember()
    const turn = this.#turn++
    const chosen = [pick(bootstrap, turn), pick(known, 2 * turn), pick(known, 2 * turn + 1), pick(bootstrap, turn + 1)]
    return chosen.filter((address) => address !== undefined).slice(0, ASKED)
  }

  #remember(): Address[] {
    const current = this.node.toArray({ limit: REMEMBERED })
    const isCurrent = ({ host, port }: Address) => current.some((node) => node.host === host && node.port === port)
    this.#known = [...current, ...this.#known.filter((node) => !isCurrent(node))].slice(0, REMEMBERED)
    return this.#known
  }
}

/** The address in `suggested-ip@host`, the host otherwise. */
function directAddress({ host, port }: Address): Address {
  return { host: host.split('@')[0] ?? host, port }
}

function pick<T>(from: readonly T[], index: number): T | undefined {
  return from.length === 0 ? undefined : from[index % from.length]
}

/** Calls a method that another version of HyperDHT may not have. */
function call(owner: unknown, name: string): void {
  if (typeof owner !== 'object' || owner === null) return
  const method = member(owner, name)
  if (typeof method === 'function') method.call(owner)
}

function isProbed(node: object): node is ProbedNode {
  return ['ping', 'toArray', 'bootstrapNodes', 'remoteAddress'].every((name) => name in node)
}
