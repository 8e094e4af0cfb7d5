import type { Clock } from '@swarmway/runtime'
import { PathStream } from './path-stream.js'
import type { RawDuplex } from './stream-transport.js'

/** The result of a handshake, as far as paths are concerned. */
export interface PathHandshake {
  /** The secret key of what we send. 32 bytes. */
  readonly tx: Uint8Array
  /** The secret key of what we receive. 32 bytes. */
  readonly rx: Uint8Array
  /** Whether both sides have said that the connection may have several paths. */
  readonly hasPaths?: boolean
}

/**
 * For nodes: the raw stream to make a connection of once its handshake is finished. It is one with several paths, on top
 * of `raw`, if both sides have them, else `raw` itself.
 */
export function withPaths(raw: object, handshake: PathHandshake, clock: Clock): object {
  if (handshake.hasPaths !== true || !isRawDuplex(raw)) return raw
  return new PathStream(raw, { secrets: handshake, clock })
}

function isRawDuplex(stream: object): stream is RawDuplex {
  return 'write' in stream && 'destroying' in stream && 'on' in stream
}
