import { withoutStack } from '@swarmway/proxy-protocol'

/**
 * Bytes of a handshake message. It travels in one UDP packet; HyperDHT's own take about 350, and those with the largest
 * extension block about 1150.
 */
export const MAX_HANDSHAKE_BYTES = 1200

/** Returns a message that fits into a packet. @throws ProxyError `HANDSHAKE_TOO_LARGE` */
export function packetSized(message: Uint8Array): Uint8Array {
  if (message.byteLength <= MAX_HANDSHAKE_BYTES) return message
  const text = `a handshake message has at most ${MAX_HANDSHAKE_BYTES} bytes, not ${message.byteLength}`
  throw withoutStack('HANDSHAKE_TOO_LARGE', text)
}
