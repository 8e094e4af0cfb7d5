import { ChangeWatch } from '@swarmway/runtime'
import { networkInterfaces } from '#lan-platform'
import { invalidArgument } from '../errors.js'
import { IPV4 } from '../network/node-address.js'

/** As far as it takes to tell one from a name. */
const LIKE_IPV6 = /^[\da-f]*:[\da-f:.]*:[\da-f.]*(?:%[\w.:-]+)?$/i
/** All addresses, or of this machine whatever its interfaces. */
const ALWAYS_OURS = /^(?:0\.0\.0\.0|127\..*)$/

/** HyperDHT itself looks every five seconds. A look takes some 50 microseconds, whatever number of swarms there are. */
export const ADDRESSES = new ChangeWatch(readAddresses)

/** The machine's addresses that HyperDHT uses: those of IPv4. Null where the system does not say. */
function readAddresses(): string | null {
  try {
    const interfaces = Object.entries(networkInterfaces())
    const outer = interfaces.flatMap(([name, addresses = []]) =>
      addresses
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address }) => `${name} ${address}`)
    )
    return outer.join()
  } catch {
    return null
  }
}

/**
 * Verifies the option `host`, the address to bind. HyperDHT would refuse another one, but only after it has opened what
 * keeps the process running; with an address of another machine, its queries would never end.
 * @throws TypeError
 */
export function verifyBindHost(host: unknown): void {
  if (host === undefined || (typeof host === 'string' && (LIKE_IPV6.test(host) || isOurs(host)))) return
  throw invalidArgument('host', 'an IP address of this machine', host)
}

function isOurs(host: string): boolean {
  if (!IPV4.test(host) || ALWAYS_OURS.test(host)) return IPV4.test(host)
  try {
    const all = Object.values(networkInterfaces()).flat()
    return all.some((one) => one?.address === host)
  } catch {
    // The system does not say.
    return true
  }
}
