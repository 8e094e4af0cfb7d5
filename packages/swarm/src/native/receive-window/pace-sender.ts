import { systemClock } from '@swarmway/runtime'
import { Readable } from 'streamx'
import { SwarmError } from '../../errors.js'
import type { Connection } from '../../network/connection.js'
import { MAX_WINDOW_BYTES, ReceiveWindow } from './receive-window.js'
import { findWindowWord, type UdxStream } from './window-word.js'

/** A sender that respects the window cannot get here, not even with all it sent before it heard of a smaller one. */
const MAX_HELD_BYTES = 2 * MAX_WINDOW_BYTES
/**
 * Bytes that a connection receives before it gets its window, far less than the smallest window. Most of the connections
 * in a crowd are idle and never receive as much, so they cost less memory.
 */
const BYTES_BEFORE_WINDOW = 64 * 1024

type PacedStream = UdxStream & Readable & { readonly bytesReceived: number }

/**
 * Makes the peer wait while the application does not read the connection, instead of keeping in memory all that it
 * sends. A peer that does not wait loses the connection (`BUFFER_LIMIT`).
 */
export function paceSender(connection: Connection): void {
  const raw = connection.rawStream
  if (!isUdxStream(raw)) return
  // A window may be wanted soon, and finding its place takes a moment the first time.
  void findWindowWord(raw.udx)
  const { push } = raw
  raw.push = (chunk) => {
    if (raw.bytesReceived <= BYTES_BEFORE_WINDOW) return push.call(raw, chunk)
    raw.push = push
    openWindow(connection, raw)
    return raw.push(chunk)
  }
}

function openWindow(connection: Connection, raw: PacedStream): void {
  const isPaused = Readable.isPaused(raw)
  const window = new ReceiveWindow(raw, {
    now,
    maxHeldBytes: MAX_HELD_BYTES,
    onOverflow: () => {
      if (window.isEffective) connection.destroy(new SwarmError('BUFFER_LIMIT', 'the peer ignores its receive window'))
    }
  })
  // The window's listener makes the stream flow.
  if (isPaused) raw.pause()
}

/** One for all connections. */
function now(): number {
  return systemClock.now()
}

function isUdxStream(stream: object | null): stream is PacedStream {
  return stream !== null && '_view' in stream && 'udx' in stream
}
