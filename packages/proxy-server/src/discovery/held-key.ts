import { randomBytes } from 'node:crypto'
import { SIGN_KIND } from '@swarmway/proxy-protocol'
import type { Client } from '../client/client.js'
import { signedBy } from '../dht/signers.js'

/**
 * Resolves if the client holds a key that it does not listen on: it has to sign an announcement of the key on the
 * topic for a node that does not exist. Clients sign only what they asked to be announced, so this takes no further
 * kind of proof. Rejects with AUTH_DENIED, or as a request to the client does.
 */
export async function assertHeld(
  client: Client,
  topic: Uint8Array,
  publicKey: Uint8Array,
  signal: AbortSignal
): Promise<void> {
  const [nodeId, token] = [randomBytes(32), randomBytes(32)]
  const body = { kind: SIGN_KIND.ANNOUNCE, publicKey, target: topic, nodeId, token, relayAddresses: [] }
  await signedBy((request) => client.sign(request, signal), body)
}
