import b4a from 'b4a'
import { FrameReader, frameHeader } from './frame-reader.js'
import type { PathTransport } from './path-transport.js'

/** Frames below this size are sent as one chunk. */
const SMALL_BYTES = 4 * 1024
const MAX_DATA_BYTES = 64 * 1024

/** A raw stream as nodes make them: a UDX stream, or a stream carried by a proxy. */
export interface RawDuplex {
  readonly destroying: boolean
  /** Where the packets of a UDX stream go. */
  readonly remoteHost?: string
  readonly remotePort?: number
  /** See `RawStream`. A stream that a proxy carries has received 0 packets. */
  readonly packetsReceived?: number
  readonly inflight?: number
  readonly rtt?: number
  write(bytes: Uint8Array): boolean
  end(): unknown
  destroy(error?: Error | null): void
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  on(event: 'drain' | 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The path that a connection begins with: frames on its raw stream. */
export function streamTransport(raw: RawDuplex): PathTransport {
  let isWritable = true
  let isOver = false
  let reason: Error | null = null
  return {
    maxDataBytes: MAX_DATA_BYTES,
    get isWritable() {
      return isWritable
    },
    listen(listener) {
      const reader = new FrameReader(listener)
      const close = () => {
        if (isOver) return
        isOver = true
        listener.onClosed(reason)
      }
      raw.on('data', (bytes) => {
        try {
          if (!isOver) reader.push(bytes)
        } catch (error) {
          raw.destroy(error as Error)
        }
      })
      raw.on('drain', () => {
        isWritable = true
        listener.onWritable()
      })
      raw.on('error', (error) => {
        reason ??= error
      })
      raw.on('end', close)
      raw.on('close', close)
    },
    send(kind, parts) {
      const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
      const frame = [frameHeader(kind, byteLength), ...parts]
      const chunks = byteLength < SMALL_BYTES ? [b4a.concat(frame)] : frame
      if (!raw.destroying) for (const chunk of chunks) isWritable = raw.write(chunk)
      return byteLength
    },
    end() {
      raw.end()
    },
    destroy(error) {
      isOver = true
      raw.destroy(error)
    }
  }
}
