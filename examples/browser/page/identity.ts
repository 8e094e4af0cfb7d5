import { createKeyPair, type KeyPair } from '@swarmway/proxy-client'
import b4a from 'b4a'

const SEED = 'swarmway-seed'

let keyPair: Promise<KeyPair> | null = null

/**
 * The tab's key pair, kept so that it is the same peer after a reload. A duplicated tab has a copy of the storage, and
 * two peers with one key would displace each other; so the copy, which does not get the lock, makes its own key pair.
 */
export function tabKeyPair(): Promise<KeyPair> {
  keyPair ??= loadKeyPair()
  return keyPair
}

async function loadKeyPair(): Promise<KeyPair> {
  const stored = sessionStorage.getItem(SEED)
  if (stored !== null && (await lock(stored))) return createKeyPair(b4a.from(stored, 'hex'))
  const seed = b4a.toString(crypto.getRandomValues(new Uint8Array(32)), 'hex')
  sessionStorage.setItem(SEED, seed)
  await lock(seed)
  return createKeyPair(b4a.from(seed, 'hex'))
}

/** Takes the lock, until the tab closes, unless another tab holds it. Only secure pages (HTTPS) have locks. */
async function lock(seed: string): Promise<boolean> {
  if (!navigator.locks) return true
  const { publicKey } = createKeyPair(b4a.from(seed, 'hex'))
  const name = `swarmway ${b4a.toString(publicKey, 'hex')}`
  return new Promise((resolve) => {
    const hold = (held: Lock | null) => {
      resolve(held !== null)
      return held === null ? undefined : new Promise<void>(() => {})
    }
    void navigator.locks.request(name, { ifAvailable: true }, hold)
  })
}
