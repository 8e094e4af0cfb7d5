/** A proxy server with a DHT node on the open internet. */
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { type Address, HyperDHT } from '../../../bench/lib/modules.ts'
import { serve } from '../../../bench/lib/worker.ts'

const PORT = 8080
const DHT_PORT = 49_737

export interface ProxyParams {
  readonly bootstrap: readonly Address[]
  /** Address to listen at. */
  readonly host: string
}

serve({ start })

/** Resolves to the URL. */
async function start({ bootstrap, host }: ProxyParams): Promise<string> {
  const dht = new HyperDHT({ port: DHT_PORT, bootstrap: [...bootstrap], ephemeral: false, firewalled: false })
  await dht.fullyBootstrapped()
  await listen(new ProxyServer({ dht }), { host, port: PORT })
  return `ws://${host}:${PORT}`
}
