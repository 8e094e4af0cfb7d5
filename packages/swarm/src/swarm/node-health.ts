import type { Clock, MonotonicMs } from '@swarmway/runtime'
import type { DhtNode } from '../network/dht-node.js'
import type { NetworkProbe } from '../network/network-probe.js'
import { type OfflineState, Reachability } from '../network/reachability.js'

/** Told about the node's network. */
export interface NodeHealthListener {
  onNetworkChange(): void
  onOffline(state: OfflineState): void
  onBack(wasOffline: boolean, hasMoved: boolean): void
}

/** Milliseconds within which a node reports a change of addresses that its probe has seen already. */
const NODE_DELAY_MS = 6000
/** Milliseconds after an outage in which a node without a probe reports what has not outlived it. */
const AFTERMATH_MS = 10_000

/** The node, as far as its network goes. */
export type WatchedNode = Pick<DhtNode, 'online' | 'offline' | 'on' | 'removeListener'>

/** Whether a node's network answers: found out with its probe or, without one, as the node says. */
export class NodeHealth {
  readonly #node: WatchedNode
  readonly #probe: NetworkProbe | null
  readonly #listener: NodeHealthListener
  readonly #reachability: Reachability | null
  readonly #clock: Clock
  #wasOnline = true
  #movedAt: MonotonicMs | null = null
  /** When a node without a probe was back last. */
  #backAt: MonotonicMs | null = null
  #unwatch: (() => void) | null = null
  readonly #onNetworkChange = () => {
    const isKnown = this.#movedAt !== null && this.#clock.now() - this.#movedAt < NODE_DELAY_MS
    if (!isKnown) this.#reachability?.onBreak(true)
    this.#listener.onNetworkChange()
  }
  readonly #onNetworkUpdate = () => {
    if (this.#reachability !== null) this.#weigh(this.#reachability)
    else this.#believe()
  }

  constructor(
    node: WatchedNode,
    probe: NetworkProbe | null,
    { clock, random }: { readonly clock: Clock; readonly random: () => number },
    listener: NodeHealthListener
  ) {
    this.#node = node
    this.#probe = probe
    this.#clock = clock
    this.#listener = listener
    this.#reachability =
      probe &&
      new Reachability({
        clock,
        random,
        ask: () => probe.ask(),
        onOffline: (state) => listener.onOffline(state),
        onBack: (wasOffline, hasMoved) => {
          // What it emits now is already known.
          this.#wasOnline = true
          probe.revive()
          listener.onBack(wasOffline, hasMoved)
        }
      })
  }

  /** Null while the network answers, as far as is known. */
  get offline(): OfflineState | null {
    if (this.#reachability !== null) return this.#reachability.offline
    return this.#node.online ? null : (this.#node.offline ?? { reason: 'NO_LINK', nextTryMs: null })
  }

  /** When the network was asked and answered last; null if never. */
  get answeredAt(): MonotonicMs | null {
    return this.#reachability?.answeredAt ?? null
  }

  /** Whether the network is back since a moment ago. */
  get isRecovering(): boolean {
    return this.#reachability?.isRecovering ?? false
  }

  /**
   * Whether a connection that was lost just now, and was open for this long, has not outlived an outage that is over since a
   * moment ago. For a node without a probe, whose connections may outlive one, and are reported as lost when it is over.
   */
  wasInOutage(openForMs: number | null): boolean {
    if (this.#backAt === null || openForMs === null) return false
    const backForMs = this.#clock.now() - this.#backAt
    return backForMs < AFTERMATH_MS && openForMs > backForMs
  }

  start(): void {
    if (this.#unwatch !== null) return
    const reachability = this.#reachability
    this.#node.on('network-change', this.#onNetworkChange)
    this.#node.on('network-update', this.#onNetworkUpdate)
    reachability?.start()
    this.#unwatch =
      this.#probe?.watch({
        onBreak: () => reachability?.onBreak(),
        onMove: () => this.#onMove(),
        onSuspicion: () => reachability?.suspect()
      }) ?? ignore
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = null
    this.#reachability?.stop()
    this.#node.removeListener('network-change', this.#onNetworkChange)
    this.#node.removeListener('network-update', this.#onNetworkUpdate)
  }

  /** A query has ended, or a connection was lost: whether nodes have answered. */
  onEvidence(isAnswered: boolean): void {
    if (isAnswered) this.#reachability?.onAnswer()
    else this.#reachability?.suspect()
  }

  #onMove(): void {
    this.#movedAt = this.#clock.now()
    this.#reachability?.onBreak(true)
  }

  /** A node with a probe notices late: it is only a witness. */
  #weigh(reachability: Reachability): void {
    const isBack = this.#node.online && !this.#wasOnline
    this.#wasOnline = this.#node.online
    if (isBack) reachability.onBreak()
    else if (!this.#node.online) reachability.suspect()
  }

  #believe(): void {
    const { online } = this.#node
    if (online === this.#wasOnline) return
    this.#wasOnline = online
    if (online) this.#backAt = this.#clock.now()
    if (online) this.#listener.onBack(true, false)
    else if (this.offline !== null) this.#listener.onOffline(this.offline)
  }
}

function ignore(): void {}
