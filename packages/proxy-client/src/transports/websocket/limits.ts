import { ProxyError } from '@swarmway/proxy-protocol'

/**
 * Maximum size in bytes of the first message, which answers our greeting; larger than the answer, as a server's workers
 * pass links on in pieces of this size.
 */
export const MAX_FIRST_BYTES = 64 * 1024
/** Maximum size in bytes of any message: servers put the frames of a turn into messages of up to 256 KiB. */
export const MAX_MESSAGE_BYTES = 1024 * 1024

/** The server sent more in one message than any proxy server does (`FRAME_TOO_LARGE`). */
export function messageTooLarge(limit: number): ProxyError {
  return new ProxyError('FRAME_TOO_LARGE', `the server sent a message of more than ${limit} bytes`)
}
