/** The messages between peers of a room, and their validation: anybody may send anything. */

/** How a peer is connected to the network: with its own UDP, or behind a proxy server. Only the peer itself knows. */
export type Reach = 'udp' | 'proxy'

/** A file that the sender holds in full. Its bytes are the blocks of a Hypercore. */
export interface FileOffer {
  /** Public key of the Hypercore, in hex. */
  readonly key: string
  readonly name: string
  /** As the browser reports it, such as 'image/png'; may be empty. */
  readonly mediaType: string
  readonly sizeBytes: number
  /** Blocks of the Hypercore. */
  readonly blocks: number
  /** When it was first offered, in milliseconds since 1970. */
  readonly timeMs: number
}

/** A line of the chat. `id` is unique per author, so that the line can be sent again. */
export interface Saying {
  readonly id: string
  readonly text: string
  readonly timeMs: number
}

export type Message =
  /** Sent first, and again whenever the nickname changes. `hue` is the peer's colour, in degrees. */
  | { type: 'hello'; nickname: string; reach: Reach; hue?: number }
  | { type: 'say'; saying: Saying }
  | { type: 'hold'; file: FileOffer }

/** The name of the Protomux channel. */
export const PROTOCOL = 'swarmway-example-room/1'

export const MAX_NICKNAME_LENGTH = 32
export const MAX_TEXT_LENGTH = 2000
export const MAX_FILE_NAME_LENGTH = 200
/** All files are kept in memory, so larger ones are neither offered nor fetched. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024

const MAX_ID_LENGTH = 64
const MAX_MEDIA_TYPE_LENGTH = 100

/** Returns `value` as a message, or null if it is not a valid one. */
export function parseMessage(value: unknown): Message | null {
  if (!isRecord(value)) return null
  switch (value['type']) {
    case 'hello':
      return parseHello(value)
    case 'say':
      return parseSaying(value['saying'])
    case 'hold':
      return parseOffer(value['file'])
    default:
      return null
  }
}

function parseHello({ hue, nickname, reach }: Record<string, unknown>): Message | null {
  const isHello = isText(nickname, 1, MAX_NICKNAME_LENGTH) && (reach === 'udp' || reach === 'proxy')
  if (!isHello || (hue !== undefined && !(isCount(hue) && hue < 360))) return null
  return { type: 'hello', nickname, reach, ...(hue !== undefined && { hue }) }
}

function parseSaying(value: unknown): Message | null {
  if (!isRecord(value)) return null
  const { id, text, timeMs } = value
  const isSaying = isText(id, 1, MAX_ID_LENGTH) && isText(text, 1, MAX_TEXT_LENGTH) && isCount(timeMs)
  return isSaying ? { type: 'say', saying: { id, text, timeMs } } : null
}

function parseOffer(value: unknown): Message | null {
  if (!isRecord(value)) return null
  const { key, name, mediaType, sizeBytes, blocks, timeMs } = value
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key)) return null
  if (!isText(name, 1, MAX_FILE_NAME_LENGTH) || !isText(mediaType, 0, MAX_MEDIA_TYPE_LENGTH)) return null
  if (!isCount(sizeBytes) || !isCount(blocks) || !isCount(timeMs)) return null
  // No block is empty, and an empty file has none.
  if (sizeBytes > MAX_FILE_BYTES || blocks > sizeBytes || (blocks === 0) !== (sizeBytes === 0)) return null
  return { type: 'hold', file: { key, name, mediaType, sizeBytes, blocks, timeMs } }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown, minLength: number, maxLength: number): value is string {
  return typeof value === 'string' && value.length >= minLength && value.length <= maxLength
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
