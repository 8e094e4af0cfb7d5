/** A private DHT in a process of its own. */
import { bootstrapOf, createDht } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

serve({
  /** Starts the nodes and resolves to where they can be reached. */
  start: async ({ nodes }: { nodes: number }) => bootstrapOf(await createDht(Array.from({ length: nodes }, () => ({}))))
})
