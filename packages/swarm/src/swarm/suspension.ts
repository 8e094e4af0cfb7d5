import type { SuspendOptions } from '../network/dht-node.js'

/** The work of suspending and resuming. */
export interface Suspendable {
  doSuspend(options: SuspendOptions): Promise<void>
  doResume(options: SuspendOptions): Promise<void>
  /** The swarm is active again. */
  onResumed(): void
}

/**
 * Brings the swarm into the state that was asked for last. Calls may come at any moment and in any order: one step
 * runs at a time, and the steps that a later call made pointless are left out.
 */
export class Suspension {
  readonly #target: Suspendable
  #wantsSuspended = false
  #isSuspended = false
  #running: Promise<void> | null = null
  #isStopped = false

  constructor(target: Suspendable) {
    this.#target = target
  }

  /** From the call of `suspend` to the end of `resume`. */
  get suspended(): boolean {
    return this.#wantsSuspended || this.#isSuspended
  }

  suspend(options: SuspendOptions): Promise<void> {
    this.#wantsSuspended = true
    return this.#settle(options)
  }

  resume(options: SuspendOptions): Promise<void> {
    this.#wantsSuspended = false
    return this.#settle(options)
  }

  /** No further step begins; resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running?.catch(ignore)
  }

  #settle(options: SuspendOptions): Promise<void> {
    if (this.#running === null && this.#isSettled()) return Promise.resolve()
    this.#running ??= this.#run(options)
    return this.#running
  }

  #isSettled(): boolean {
    return this.#wantsSuspended === this.#isSuspended || this.#isStopped
  }

  /** Ends in the tick in which it finds nothing more to do, so that no call can fall in between. */
  async #run(options: SuspendOptions): Promise<void> {
    try {
      while (!this.#isSettled()) await this.#step(options)
    } finally {
      this.#running = null
    }
  }

  async #step(options: SuspendOptions): Promise<void> {
    if (this.#wantsSuspended) {
      // Suspended from the first step on, active again only after the last.
      this.#isSuspended = true
      await this.#target.doSuspend(options)
      return
    }
    await this.#target.doResume(options)
    this.#isSuspended = false
    if (!this.#wantsSuspended && !this.#isStopped) this.#target.onResumed()
  }
}

function ignore(): void {}
