import b4a from 'b4a'
import { NONCE_BYTES } from '../wire/greeting.js'

const LABEL = b4a.from('swarmway proxy listen v2')
const DEFAULT_PORT = /:(?:80|443)$/

/** Most bytes of a server's name: a DNS name and a port. */
export const MAX_SERVER_NAME_BYTES = 261

/** To what of a session a proof is bound, beside the server's nonce. */
export interface ListenBinding {
  /** The nonce of the HELLO that began the session, {@link NONCE_BYTES} bytes. Default: zeros, as `encodeHello`. */
  readonly clientNonce?: Uint8Array | undefined
  /** The server's name as the client knows it; see {@link toServerName}. Default: '', unknown. */
  readonly serverName?: string | undefined
}

/**
 * What a client signs, with the key that it wants to listen on, to prove to one server, in one session, that it holds
 * the key:
 *
 *     label, clientNonce 32, serverNonce 32, serverName u16 length + UTF-8, publicKey 32
 *
 * Each side contributes a nonce, so that a server cannot present another server's challenge to a client that has greeted
 * it. The name keeps a server from passing on a whole greeting to another server.
 */
export function listenProofMessage(
  serverNonce: Uint8Array,
  publicKey: Uint8Array,
  { clientNonce = b4a.alloc(NONCE_BYTES), serverName = '' }: ListenBinding = {}
): Uint8Array {
  const name = b4a.from(serverName)
  const length = b4a.from([name.byteLength & 0xff, name.byteLength >>> 8])
  return b4a.concat([LABEL, clientNonce, serverNonce, length, name, publicKey])
}

/**
 * The form in which names of servers are signed and compared: host[:port] in lower case, without the ports 80 and 443.
 * A name that came in by WebSocket and one that an operator wrote down are the same after this.
 */
export function toServerName(host: string): string {
  return host.trim().toLowerCase().replace(DEFAULT_PORT, '')
}
