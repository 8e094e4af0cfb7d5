import { type ProxyError, toProxyError } from '../errors.js'
import type { RequestOptions } from '../requests/outgoing-requests.js'

/** A notification of a table, as its sender needs it. */
export interface OutgoingNotice<Body> {
  /** On the wire. */
  readonly number: number
  /** Encodes what it carries. */
  readonly body: { encode(value: Body): Uint8Array }
}

/** A request of a table, as its sender needs it. */
export interface OutgoingRequest<Body, Answer> extends OutgoingNotice<Body> {
  /** Decodes the answer. Throws `PROTOCOL_ERROR`. */
  readonly answer: { decode(body: Uint8Array): Answer }
}

/** Sends encoded requests, like a `Session`. */
export interface RequestSender {
  /** Resolves to the encoded answer. */
  request(op: number, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array>
  /** An answer could not be read. Default: nothing but the rejection. */
  onUnreadable?(error: ProxyError): void
}

/** Sends encoded notifications, like a `Session`. */
export interface NoticeSender {
  /** Sends it, or throws. */
  notify(op: number, body: Uint8Array): void
}

/**
 * Sends a request of a table, such as `CLIENT_REQUESTS.LISTEN`, and resolves to its answer. Rejects like the sender's
 * `request`, and with `PROTOCOL_ERROR` for an answer that cannot be read.
 */
export async function ask<Body, Answer>(
  sender: RequestSender,
  operation: OutgoingRequest<Body, Answer>,
  body: NoInfer<Body>,
  options?: RequestOptions
): Promise<Answer> {
  const answer = await sender.request(operation.number, operation.body.encode(body), options)
  try {
    return operation.answer.decode(answer)
  } catch (error) {
    sender.onUnreadable?.(toProxyError(error))
    throw error
  }
}

/** Sends a notification of a table. Throws like the sender's `notify`. */
export function tell<Body>(sender: NoticeSender, operation: OutgoingNotice<Body>, body: NoInfer<Body>): void {
  noticeOf(operation, body)(sender)
}

/** A notification that is encoded once, for any number of senders. */
export function noticeOf<Body>(operation: OutgoingNotice<Body>, body: NoInfer<Body>): (sender: NoticeSender) => void {
  const bytes = operation.body.encode(body)
  return (sender) => sender.notify(operation.number, bytes)
}
