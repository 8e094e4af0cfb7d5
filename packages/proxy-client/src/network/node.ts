import { networkInterfaces } from 'node:os'
import { fingerprint } from './fingerprint.js'

/** Changes when the machine gets or loses an address. Null where the system does not say. */
export function networkFingerprint(): string | null {
  return fingerprint(networkInterfaces)
}
