/** Persistent nodes of a DHT, one on each address of a host. */
import { type Address, type Dht, HyperDHT } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'

const PORT = 49_737

export interface DhtParams {
  readonly addresses: readonly string[]
  /** Empty for the first nodes, which find each other. */
  readonly bootstrap: readonly Address[]
}

serve({ start })

async function start({ addresses, bootstrap }: DhtParams): Promise<Address> {
  const nodes: Dht[] = []
  for (const host of addresses) {
    const enterAt = bootstrap.length > 0 || nodes.length === 0 ? bootstrap : [{ host: addresses[0] ?? '', port: PORT }]
    const node = new HyperDHT({ host, port: PORT, bootstrap: [...enterAt], ephemeral: false, firewalled: false })
    await node.fullyBootstrapped()
    nodes.push(node)
  }
  return { host: addresses[0] ?? '', port: PORT }
}
