/** Many peers on one DHT node that look up a topic and dial everyone on it. */
import type { Address } from '../lib/modules.ts'
import { createNode, type System, swarmOn } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

serve({ call })

/** `topic` in hex. */
async function call(params: { system: System; bootstrap: Address[]; topic: string; peers: number }): Promise<void> {
  const dht = await createNode(params.bootstrap, { firewalled: false })
  // Every swarm on a node listens to it.
  dht.setMaxListeners(0)
  for (let peer = 0; peer < params.peers; peer++) {
    const swarm = swarmOn(params.system, { dht })
    await swarm.join(Buffer.from(params.topic, 'hex'), { client: true, server: false }).flushed()
  }
}
