import b4a from 'b4a'
import type { Channel } from '../shared/channel/channel.js'
import { CHUNK_BYTES } from '../shared/channel/credit.js'
import { MAX_TEXT_BYTES, MESSAGE } from './wire.js'

/** Sends a value as JSON in pieces, followed by the message that says what it is. */
export async function sendText(channel: Channel, type: number, value: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    if (!channel.send(MESSAGE.text, bytes.subarray(at, at + CHUNK_BYTES))) await channel.drained()
  }
  channel.send(type)
}

/** Collects the pieces of a text. */
export class IncomingText {
  #pieces: Uint8Array[] = []
  #bytes = 0

  /** Returns false if the text is too long. */
  add(piece: Uint8Array): boolean {
    this.#bytes += piece.byteLength
    if (this.#bytes > MAX_TEXT_BYTES) return false
    this.#pieces.push(piece)
    return true
  }

  /** The value of the complete text, and starts over. Undefined if it is not JSON. */
  take(): unknown {
    const bytes = b4a.concat(this.#pieces)
    this.#pieces = []
    this.#bytes = 0
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch {
      return undefined
    }
  }
}
