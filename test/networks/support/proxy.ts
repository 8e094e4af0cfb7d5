import type { Address } from '../../../bench/lib/modules.ts'
import type { ProxyParams } from '../agents/proxy.ts'
import type { Host, Lab, Link } from '../lab/lab.ts'

/** A proxy server: its host, and the URL of its WebSocket. */
export interface LabProxy {
  readonly host: Host
  readonly url: string
}

/** Starts a proxy server on a host of its own. */
export async function startProxy(
  lab: Lab,
  bootstrap: readonly Address[],
  link: Link = { delayMs: 5 }
): Promise<LabProxy> {
  const host = await lab.host('proxy', link)
  const params: ProxyParams = { bootstrap, host: host.addresses[0] ?? '' }
  return { host, url: await lab.agent(host, 'proxy').call<string>('start', params) }
}
