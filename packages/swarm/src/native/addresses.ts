import { ChangeWatch } from '@swarmway/runtime'
import { networkInterfaces } from '#lan-platform'

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
