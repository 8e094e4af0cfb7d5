import { SwarmError } from '../errors.js'

/** Runtimes that load udx-native and then end, without an error, because it calls functions of libuv that they lack. */
const WITHOUT_UDX: Readonly<Record<string, string>> = { bun: 'Bun', deno: 'Deno' }

const platform = globalThis as unknown as { readonly process?: { readonly versions?: object } }

/**
 * Throws `UNSUPPORTED_RUNTIME` where a HyperDHT node would end the process: in Bun and Deno. To be called before a node is
 * made. `versions` are those of the runtime's parts; default: `process.versions`.
 */
export function assertUdxRuns(versions: object = platform.process?.versions ?? {}): void {
  const found = Object.keys(WITHOUT_UDX).find((name) => name in versions)
  if (found === undefined) return
  throw new SwarmError(
    'UNSUPPORTED_RUNTIME',
    `${WITHOUT_UDX[found]} cannot run udx-native, so it cannot be on the DHT; use ProxyClient of @swarmway/proxy-client, or Node`
  )
}
