import type { Address } from '../../../bench/lib/modules.ts'
import type { ProxyParams } from '../agents/proxy.ts'
import type { Lab } from '../lab/lab.ts'

/** Starts a proxy server on a host of its own. Resolves to the URL of its WebSocket. */
export async function startProxy(lab: Lab, bootstrap: readonly Address[]): Promise<string> {
  const host = await lab.host('proxy', { delayMs: 5 })
  const params: ProxyParams = { bootstrap, host: host.addresses[0] ?? '' }
  return lab.agent(host, 'proxy').call<string>('start', params)
}
