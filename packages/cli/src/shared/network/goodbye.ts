import type { SwarmCore } from '@swarmway/swarm'

/** Milliseconds to say goodbye: withdrawing announcements and closing connections in order. */
const GOODBYE_MS = 3000

/** Closes a swarm in order, or by force if that takes long: nobody should wait for an unreachable network. */
export function goodbye(swarm: Pick<SwarmCore, 'destroy' | 'dht'>): () => Promise<void> {
  return async () => {
    const timer = setTimeout(() => void swarm.dht.destroy({ force: true }), GOODBYE_MS)
    try {
      await swarm.destroy()
    } finally {
      clearTimeout(timer)
    }
  }
}
