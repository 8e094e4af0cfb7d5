/** The numbers of the frame types. Link-level frames are below 0x10, sequenced frames are 0x10 and above. */
export const FRAME = {
  /** Client to server, first frame on a link. */
  HELLO: 0x01,
  /** Server to client: accepted. */
  WELCOME: 0x02,
  /** Server to client: not accepted. */
  DENIED: 0x03,
  /** Either way: are you there? */
  PING: 0x04,
  /** The answer. */
  PONG: 0x05,
  /** Number of sequenced frames that have arrived. */
  ACK: 0x06,
  /** The session is over, with the reason. */
  GOODBYE: 0x07,
  /** A request that expects a RESPONSE. */
  REQUEST: 0x10,
  /** The answer, or an error. */
  RESPONSE: 0x11,
  /** A message without an answer. */
  NOTIFY: 0x12,
  /** A new stream. */
  STREAM_OPEN: 0x20,
  /** Bytes of a stream. */
  STREAM_DATA: 0x21,
  /** Permission to send more on a stream. */
  STREAM_CREDIT: 0x22,
  /** No more bytes in this direction. */
  STREAM_END: 0x23,
  /** The stream is destroyed, with the reason. */
  STREAM_RESET: 0x24
} as const

/** Whether a type is counted, acknowledged and resent. Unknown types from 0x10 on count as sequenced too. */
export function isSequenced(type: number): boolean {
  return type >= 0x10
}
