import { systemClock } from '@swarmway/runtime'
import { SwarmError } from '../../errors.js'
import type { Connection } from '../../network/connection.js'
import { MAX_WINDOW_BYTES, ReceiveWindow } from './receive-window.js'
import type { UdxStream } from './window-word.js'

/** A sender that respects the window cannot get here, not even with all it sent before it heard of a smaller one. */
const MAX_HELD_BYTES = 2 * MAX_WINDOW_BYTES

/**
 * Makes the peer wait while the application does not read the connection, instead of keeping in memory all that it
 * sends. A peer that does not wait loses the connection (`BUFFER_LIMIT`).
 */
export function paceSender(connection: Connection): void {
  const raw = connection.rawStream
  if (!isUdxStream(raw)) return
  const window = new ReceiveWindow(raw, {
    now,
    maxHeldBytes: MAX_HELD_BYTES,
    onOverflow: () => {
      if (window.isEffective) connection.destroy(new SwarmError('BUFFER_LIMIT', 'the peer ignores its receive window'))
    }
  })
}

/** One for all connections. */
function now(): number {
  return systemClock.now()
}

function isUdxStream(stream: object | null): stream is UdxStream {
  return stream !== null && '_view' in stream && 'udx' in stream
}
