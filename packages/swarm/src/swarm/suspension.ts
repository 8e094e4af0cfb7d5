import type { SuspendOptions } from '../network/dht-node.js'

/** The actions that suspend and resume. */
export interface Suspendable {
  doSuspend(options: SuspendOptions): Promise<void>
  doResume(options: SuspendOptions): Promise<void>
  /** The swarm is active again. */
  onResumed(): void
}

/**
 * Brings the swarm into the most recently requested state. Calls may come at any moment and in any order: one step
 * runs at a time, and steps made pointless by a later call are left out.
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

  /** Starts no further step; resolves when the running one has ended. */
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

  /**
   * Ends in the same tick in which it finds nothing more to do, so that no call can come in between. For the same
   * reason, nothing is awaited here but the actions themselves: between the end of an action and the next look at what
   * is wanted, a call would change what is wanted unseen.
   */
  async #run(options: SuspendOptions): Promise<void> {
    try {
      while (!this.#isSettled()) {
        if (this.#wantsSuspended) {
          // Suspended from the first step on, active again only after the last.
          this.#isSuspended = true
          await this.#target.doSuspend(options)
        } else {
          await this.#target.doResume(options)
          this.#isSuspended = false
          if (!this.#wantsSuspended && !this.#isStopped) this.#target.onResumed()
        }
      }
    } finally {
      this.#running = null
    }
  }
}

function ignore(): void {}
