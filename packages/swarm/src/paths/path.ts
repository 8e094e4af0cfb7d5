import { type Control, decodeControl, encodeControl } from './control.js'
import { FRAME_KIND } from './frame-reader.js'
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

/** One path of a connection: its transport, its seal, and whether it still brings something. */
export class Path {
  readonly id: number
  readonly transport: PathTransport
  /** Whether the peer has proved that it is at the other end. */
  isConfirmed: boolean
  /** Whether the peer has said where its data on this path begin. */
  hasStarted: boolean
  /** What becomes of the connection when the transport has ended. */
  onClosed: ((error: Error | null) => void) | null = null
  /** Whether anything came since the watch looked last; see path-watch.ts. */
  wasHeard = true
  /** How often in a row the watch found that nothing came. */
  missedChecks = 0
  /** Control messages that the peer did not seal for this path. */
  refusedCount = 0
  readonly #seal: PathSeal

  constructor(id: number, transport: PathTransport, secrets: HandshakeSecrets) {
    this.id = id
    this.transport = transport
    this.isConfirmed = this.hasStarted = id === FIRST_PATH_ID
    this.#seal = new PathSeal(secrets, id)
  }

  send(control: Control): void {
    this.transport.send(FRAME_KIND.control, [this.#seal.seal(encodeControl(control))])
  }

  /** Null if it is not the peer's. Throws PATH_VIOLATION if it is, and wrong. */
  open(sealed: Uint8Array): Control | null {
    const message = this.#seal.open(sealed)
    if (message === null) this.refusedCount++
    return message && decodeControl(message)
  }
}
