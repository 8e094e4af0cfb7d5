import { printable } from '@swarmway/runtime'
/**
 * An error on the wire, used by DENIED, GOODBYE, RESPONSE and STREAM_RESET:
 *
 *     code     u16      a number of WIRE_CODES; 0: the code follows as text
 *     name     u8 length (1 to 64) + ASCII       only if code is 0
 *     message  u16 length (0 to 1024) + UTF-8
 */

import {
  codeOfNumber,
  type ErrorCode,
  isErrorCode,
  numberOfCode,
  type ProxyError,
  protocolError,
  withoutStack
} from '../errors.js'
import { type ByteReader, type ByteWriter, utf8 } from './bytes.js'

/** The longest message that is sent, in bytes; longer ones are cut. */
export const MAX_MESSAGE_BYTES = 1024

/** The parts of an error that are sent. */
export interface WireError {
  /** See {@link ErrorCode}; a string that is not a valid code is sent as `INTERNAL`. */
  readonly code: string
  /** Human-readable; cut to {@link MAX_MESSAGE_BYTES}. */
  readonly message: string
}

/** Appends an error. */
export function writeError(writer: ByteWriter, error: WireError): void {
  const code = isErrorCode(error.code) ? error.code : 'INTERNAL'
  const number = numberOfCode(code)
  writer.u16(number)
  if (number === 0) writer.u8(code.length).raw(utf8(code, 64))
  const message = utf8(error.message, MAX_MESSAGE_BYTES)
  writer.u16(message.byteLength).raw(message)
}

/** Reads an error as a `ProxyError` with `remote` true and a message that is safe to print. */
export function readError(reader: ByteReader): ProxyError {
  const code = readCode(reader)
  const length = reader.u16()
  if (length > MAX_MESSAGE_BYTES) throw protocolError(`an error message of ${length} bytes`)
  return withoutStack(code, printable(reader.text(length)), { remote: true })
}

function readCode(reader: ByteReader): ErrorCode {
  const number = reader.u16()
  if (number !== 0) return codeOfNumber(number) ?? `UNKNOWN_${number}`
  const name = reader.text(reader.u8())
  if (!isErrorCode(name)) throw protocolError('an invalid error code')
  return name
}
