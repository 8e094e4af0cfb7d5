import { callApplication } from '@swarmway/runtime'
import b4a from 'b4a'
import { type Duplex, getStreamError, Readable, Writable } from 'streamx'
import { SwarmError } from '../errors.js'
import type { Connection, TextEncoding, WriteCallback } from './connection.js'

type Data = Uint8Array | string
type Second = TextEncoding | (() => void) | undefined

/**
 * Gives a connection what Node's streams have and streamx's lack: `write` and `end` ignored an encoding and a callback,
 * so that any caller that waited for the callback waited for ever.
 */
export function completeAsNodeStream(connection: Connection): void {
  connection.write = write
  connection.end = end
  connection.isPaused = isPaused
}

// Functions that all connections share, since there may be thousands.

function write(this: Connection, data: Data, second?: Second, third?: WriteCallback): boolean {
  if (second === undefined && third === undefined) return classOf(this).write.call(this, data)
  const hasRoom = classOf(this).write.call(this, encoded(data, second))
  const callback = typeof second === 'function' ? second : third
  if (callback !== undefined) void whenWritten(this, callback)
  return hasRoom
}

function end<Self extends Connection>(
  this: Self,
  first?: Data | (() => void),
  second?: Second,
  third?: () => void
): Self {
  const callback = [first, second, third].find((given) => typeof given === 'function')
  if (callback !== undefined) this.once('finish', callback)
  const stream = classOf(this)
  if (typeof first === 'function' || first === undefined) stream.end.call(this)
  else stream.end.call(this, encoded(first, second))
  return this
}

function isPaused(this: Connection): boolean {
  return Readable.isPaused(streamOf(this))
}

/** The methods of a connection's class, without what is added here. */
interface StreamClass {
  write(data: Data): boolean
  end(data?: Data): unknown
}

function classOf(connection: Connection): StreamClass {
  return Object.getPrototypeOf(connection)
}

/** What ended a connection, null if it ended normally. */
export function errorOf(connection: Connection): Error | null {
  return getStreamError(streamOf(connection))
}

/** A connection is a stream of streamx; `Connection` declares the part that applications use. */
function streamOf(connection: Connection): Duplex {
  return connection as unknown as Duplex
}

function encoded(data: Data, encoding: Second): Data {
  return typeof data === 'string' && typeof encoding === 'string' ? b4a.from(data, encoding) : data
}

async function whenWritten(connection: Connection, callback: WriteCallback): Promise<void> {
  const isWritten = await Writable.drained(streamOf(connection))
  const error = isWritten ? null : new SwarmError('CONNECTION_CLOSED', 'the connection closed before this was written')
  callApplication(() => callback(error), ignore)
}

function ignore(): void {}
