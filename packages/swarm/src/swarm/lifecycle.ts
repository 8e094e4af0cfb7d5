import { type Clock, callApplication, endsWithin } from '@swarmway/runtime'
import type { FirewallCheck } from '../connections/firewall.js'
import type { OpenedConnections } from '../connections/opened.js'
import type { Dialer } from '../dialing/dialer.js'
import type { PeerFinder } from '../discovery/finder.js'
import type { Topics } from '../discovery/topics.js'
import type { Withdrawals } from '../discovery/withdrawals.js'
import type { NodeServer, SuspendOptions } from '../network/dht-node.js'
import type { OfflineState } from '../network/reachability.js'
import type { DirectPaths } from '../paths/direct/direct-paths.js'
import { check, isFunction } from '../util/check.js'
import type { NodeShare, NodeUser } from './node-share.js'
import type { Recovery } from './recovery.js'
import { type Suspendable, Suspension } from './suspension.js'
import type { SwarmNetwork } from './swarm-types.js'

/**
 * Milliseconds that a suspension waits for the node, once nothing is to be withdrawn any more. A HyperDHT node that is
 * just starting to listen waits for the network before it sleeps.
 */
const NODE_PATIENCE_MS = 500

/** The parts of a swarm that are suspended and destroyed. */
export interface LifecycleParts {
  readonly settings: { readonly clock: Clock; readonly suspendTimeoutMs: number; readonly destroyTimeoutMs: number }
  readonly network: SwarmNetwork
  readonly share: NodeShare
  readonly server: NodeServer
  readonly finders: readonly PeerFinder[]
  readonly topics: Topics
  readonly withdrawals: Withdrawals
  readonly opened: OpenedConnections
  readonly dialer: Dialer
  readonly direct: DirectPaths
  readonly firewall: FirewallCheck
  readonly recovery: Recovery
  onOffline(state: OfflineState): void
  onOnline(): void
}

/** Suspends, resumes and destroys the parts of a swarm in order, and passes on changes of the network. */
export class Lifecycle implements Suspendable, NodeUser {
  readonly #parts: LifecycleParts
  readonly #suspension = new Suspension(this)
  #isDestroyed = false

  constructor(parts: LifecycleParts) {
    this.#parts = parts
    parts.share.enter(this)
    parts.recovery.start()
  }

  /** Whether the swarm is suspended, suspending or resuming. */
  get suspended(): boolean {
    return this.#suspension.suspended
  }

  /** Throws a `TypeError` if `log` is given and not a function. What is not an object, such as the argument of an event, is
   * ignored. */
  suspend(options: SuspendOptions | undefined): Promise<void> {
    return this.#suspension.suspend({ log: logOf(options) })
  }

  /** Throws like `suspend`. */
  resume(options: SuspendOptions | undefined): Promise<void> {
    return this.#suspension.resume({ log: logOf(options) })
  }

  async destroy(isForced: boolean): Promise<void> {
    this.#isDestroyed = true
    const { dialer, firewall, network, recovery, settings, share, withdrawals } = this.#parts
    // A sleeping node has withdrawn everything already, and one that has met nobody has nothing to withdraw; asking
    // would only wait for timeouts.
    const isSilent = isForced || this.suspended || network.isReachable?.() === false
    recovery.stop()
    dialer.destroy()
    firewall.destroy()
    const { clock, destroyTimeoutMs } = settings
    const isWithdrawn = await endsWithin(clock, destroyTimeoutMs, this.#withdraw(isSilent))
    withdrawals.giveUp()
    if (network.ownsNode && share.release(this)) await network.node.destroy({ force: isSilent || !isWithdrawn })
    await endsWithin(clock, NODE_PATIENCE_MS, share.leave(this))
    if (!network.ownsNode && share.release(this)) network.onNodeLeft?.()
  }

  /** Leaves the topics, then closes the server, with whose key they are withdrawn. */
  async #withdraw(isSilent: boolean): Promise<void> {
    const { finders, network, opened, server, topics } = this.#parts
    const closed = opened.closeAll()
    await Promise.allSettled([this.#suspension.stop(), topics.clear(isSilent)])
    await Promise.allSettled(finders.map((finder) => finder.destroy()))
    const serverClosed = server.close()
    await Promise.allSettled(isSilent && network.ownsNode ? [closed] : [closed, serverClosed])
  }

  async doSuspend(options: SuspendOptions): Promise<void> {
    const { dialer, opened, recovery, server, settings, share, topics, withdrawals } = this.#parts
    const { clock, suspendTimeoutMs } = settings
    const { log = ignore } = options
    recovery.stop()
    dialer.suspend()
    log('Suspending the server, topics and connections')
    const parts = [server.suspend({ log }), topics.suspend(), opened.closeAll()]
    const isWithdrawn = await endsWithin(clock, suspendTimeoutMs, Promise.allSettled(parts))
    withdrawals.giveUp()
    log(isWithdrawn ? 'Suspending the DHT node' : 'Suspending the DHT node without waiting for withdrawals any longer')
    const isAsleep = await endsWithin(clock, NODE_PATIENCE_MS, share.suspend(this, { log }))
    log(isAsleep ? 'Suspended' : 'Suspended, except for the DHT node, which follows')
  }

  async doResume(options: SuspendOptions): Promise<void> {
    const { server, share } = this.#parts
    const { log = ignore } = options
    log('Resuming the DHT node')
    await share.resume(this, { log })
    log('Resuming the server')
    await server.resume()
    log('Resumed')
  }

  onResumed(): void {
    this.#parts.recovery.start()
    this.#parts.topics.resume()
    this.#parts.dialer.pump()
  }

  onNodeResumed(): void {
    this.#parts.server.suspend().catch(ignore)
  }

  onNetworkChange(): void {
    const { direct, finders, opened, topics } = this.#parts
    if (this.#isDestroyed || this.suspended) return
    opened.probe()
    direct.onNetworkChange()
    topics.refreshLater()
    for (const finder of finders) finder.refresh()
  }

  onOffline(state: OfflineState): void {
    if (!this.#isDestroyed && !this.suspended) this.#parts.onOffline(state)
  }

  onBack(wasOffline: boolean, hasMoved: boolean): void {
    if (this.#isDestroyed || this.suspended) return
    const { network, opened, recovery } = this.#parts
    const isTotal = network.probe !== undefined
    if (!isTotal) opened.probe()
    recovery.onBack(isTotal, hasMoved)
    if (wasOffline) this.#parts.onOnline()
  }
}

/** The application's log. Its errors must not leave a suspension half done. */
function logOf(options: SuspendOptions | undefined): (message: string) => void {
  check(Object(options), 'log', 'a function', isFunction)
  const log = options?.log
  return log === undefined ? ignore : (message) => callApplication(() => log(message), ignore)
}

function ignore(): void {}
