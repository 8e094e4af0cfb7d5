import type { Clock } from '@swarmway/runtime'
import { PathStream } from './path-stream.js'
import type { HandshakeSecrets } from './seal.js'
import type { RawDuplex } from './stream-transport.js'

/** The result of a handshake, as far as paths are concerned. */
export interface PathHandshake extends HandshakeSecrets {
  /** Whether both sides have said that the connection may have several paths. */
  readonly hasPaths?: boolean
}

/** The raw stream for a connection: one with paths on top of `raw` if both sides have them, else `raw` itself. */
export function withPaths<Raw extends object>(raw: Raw, handshake: PathHandshake, clock: Clock): Raw | PathStream {
  if (handshake.hasPaths !== true || !isRawDuplex(raw)) return raw
  return new PathStream(raw, { secrets: handshake, clock })
}

function isRawDuplex(stream: object): stream is RawDuplex {
  return 'write' in stream && 'destroying' in stream && 'on' in stream
}
