import { type Control, decodeControl, encodeControl } from './control.js'
import { pathViolation } from './errors.js'
import type { PathTransport } from './path-transport.js'
import { type HandshakeSecrets, PathSeal } from './seal.js'

/** The number of the path that a connection begins with. */
export const FIRST_PATH_ID = 0
/** Paths that replace a lost first one are numbered from here on, direct ones below. */
export const FIRST_SPARE_ID = 2 ** 31

/** Whether the path of this number is the one that a connection began with, or a replacement of it. */
export function isBase(pathId: number): boolean {
  return pathId === FIRST_PATH_ID || pathId >= FIRST_SPARE_ID
}

/** Where to go on when a path is lost: the latest direct path if there is one. */
export function bestOf(paths: Iterable<Path>): Path | undefined {
  const confirmed = [...paths].filter(({ isConfirmed }) => isConfirmed)
  return confirmed.filter(({ id }) => !isBase(id)).at(-1) ?? confirmed.at(-1)
}

/** Data to put in order. */
export interface PlacedData {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** One path of a connection: its transport, its seal, and where its data belong. */
export class Path {
  readonly id: number
  readonly transport: PathTransport
  /** Whether the peer has proved that it is at the other end. */
  isConfirmed: boolean
  /** What becomes of the connection when the transport has ended. */
  onClosed: ((error: Error | null) => void) | null = null
  /** Where the last data that we sent on it end. */
  sentOffset = 0
  /** Whether anything came since the watch looked last; see path-watch.ts. */
  wasHeard = true
  /** How often in a row the watch found that nothing came. */
  missedChecks = 0
  /** Control messages that the peer did not seal for this path. */
  refusedCount = 0
  readonly #seal: PathSeal
  #startOrder: number
  #startOffset = 0
  /** Where the next data that arrive belong; null before the first `start`. */
  #nextOffset: number | null
  /** Data from here on were announced on another path: what this one brings then is not from the peer, or a copy. */
  #endOffset = Number.POSITIVE_INFINITY

  constructor(id: number, transport: PathTransport, secrets: HandshakeSecrets) {
    const isFirst = id === FIRST_PATH_ID
    this.id = id
    this.transport = transport
    this.isConfirmed = isFirst
    this.#seal = new PathSeal(secrets, id)
    this.#startOrder = isFirst ? 0 : -1
    this.#nextOffset = isFirst ? 0 : null
  }

  send(control: Control): void {
    this.transport.sendControl(this.#seal.seal(encodeControl(control)))
  }

  /** Null if it is not the peer's. Throws PATH_VIOLATION if it is, and wrong. */
  open(sealed: Uint8Array): Control | null {
    const message = this.#seal.open(sealed)
    if (message === null) this.refusedCount++
    return message && decodeControl(message)
  }

  /** The peer begins to send on this path. */
  start(order: number, offset: number, others: Iterable<Path>): void {
    if (order <= this.#startOrder) throw pathViolation('a path begins out of order')
    this.#startOrder = order
    this.#startOffset = this.#nextOffset = offset
    this.#endOffset = Number.POSITIVE_INFINITY
    for (const other of others) if (other !== this) Path.#settle(this, other)
  }

  /** Data arrived. Returns the wanted part with its place, or null. */
  place(bytes: Uint8Array): PlacedData | null {
    const offset = this.#nextOffset
    if (offset === null) throw pathViolation('data on a path before its start')
    this.#nextOffset = offset + bytes.byteLength
    const wanted = Math.min(bytes.byteLength, this.#endOffset - offset)
    return wanted <= 0 ? null : { offset, bytes: bytes.subarray(0, wanted) }
  }

  /** The earlier of two paths ends where the later one starts. */
  static #settle(one: Path, other: Path): void {
    const [earlier, later] = one.#startOrder < other.#startOrder ? [one, other] : [other, one]
    earlier.#endOffset = Math.min(earlier.#endOffset, later.#startOffset)
  }
}
