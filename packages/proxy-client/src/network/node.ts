import { networkInterfaces } from 'node:os'

/** Changes when the machine gets or loses an address. Null where the system does not say. */
export function networkFingerprint(): string | null {
  try {
    const interfaces = Object.entries(networkInterfaces())
    return interfaces.flatMap(([name, addresses = []]) => addresses.map(({ address }) => `${name} ${address}`)).join()
  } catch {
    return null
  }
}
