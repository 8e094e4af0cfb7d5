import type { Authenticate, ProxyServerOptions } from '@swarmway/proxy-server'
import type { ProxySettings } from '../config/settings.js'

/** The options of the proxy server for these settings. `worker` counts from 1. */
export function proxyOptions(
  settings: ProxySettings,
  worker: number | null,
  authenticate: Authenticate | null
): ProxyServerOptions {
  const { allowPrivateAddresses, bootstrap, dhtHost, drainMs, graceMs, limits, name, rendezvousOnly, stunPort } =
    settings
  const port = dhtPort(settings, worker)
  return {
    allowPrivateAddresses,
    drainMs,
    graceMs,
    limits,
    names: name,
    ...(authenticate !== null && { authenticate }),
    ...(rendezvousOnly && { dht: null }),
    ...(bootstrap !== null && { bootstrap }),
    ...(dhtHost !== null && { host: dhtHost }),
    ...(port !== null && { port }),
    ...(stunPort !== null && { stunPort })
  }
}

/** Each worker has its own DHT node, and so its own UDP port; the ports are consecutive. */
function dhtPort({ dhtPort: first }: ProxySettings, worker: number | null): number | null {
  return first === null || first === 0 || worker === null ? first : first + worker - 1
}
