import { ProxyError } from '@swarmway/proxy-protocol'

/**
 * Bytes of the first message, which answers our greeting, at most; more than the answer itself, as a server's workers
 * pass links on in pieces of this size.
 */
export const MAX_FIRST_BYTES = 64 * 1024
/** Bytes of any message at most: servers put frames of a turn into messages of up to 256 KiB. */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** The server sends more in one message than any proxy server does (`FRAME_TOO_LARGE`). */
export function messageTooLarge(limit: number): ProxyError {
  return new ProxyError('FRAME_TOO_LARGE', `the server sent a message of more than ${limit} bytes`)
}
