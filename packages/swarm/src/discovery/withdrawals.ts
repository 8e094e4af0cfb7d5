import type { Job } from './scheduler.js'

/**
 * The withdrawals of a swarm's topics that wait for their turn or run. They are best effort: what is announced expires
 * without them. So they can be given up together, however many there are.
 */
export class Withdrawals {
  readonly #pending = new Set<() => void>()

  /** Resolves when `job` has ended, whether or not it succeeded, or was given up. */
  wait(job: Job): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#pending.delete(giveUp)
        resolve()
      }
      const giveUp = () => {
        job.cancel()
        end()
      }
      this.#pending.add(giveUp)
      job.done.then(end, end)
    })
  }

  /** Ends all waits. Those that have not begun never will; the few that run end in the background. */
  giveUp(): void {
    for (const giveUp of [...this.#pending]) giveUp()
  }
}
