/** A native peer that serves tabs without a proxy server in between, by node-datachannel. */
import { createRequire } from 'node:module'
import { Swarm } from '@swarmway/swarm'
import type { Address, AnyConnection } from '../lib/modules.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import { createNode } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

// Not a dependency of the workspace's root.
const requireForSwarm = createRequire(new URL('../../packages/swarm/package.json', import.meta.url))
const rtc = requireForSwarm('node-datachannel/polyfill') as { RTCPeerConnection: new (configuration: never) => object }

let current: { readonly path: string } | null = null

serve({ ...traffic, listen, path: () => current?.path ?? null })

/** Resolves to the public key, in hex. */
async function listen({ bootstrap, isDirect }: { bootstrap: Address[]; isDirect: boolean }): Promise<string> {
  const dht = (await createNode(bootstrap)) as never
  const swarm = new Swarm({ dht, direct: isDirect && { rtc, localAddresses: true } })
  swarm.on('connection', (connection) => {
    current = connection
    use(connection as unknown as AnyConnection)
  })
  await swarm.listen()
  return Buffer.from(swarm.keyPair.publicKey).toString('hex')
}
