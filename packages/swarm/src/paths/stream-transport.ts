import b4a from 'b4a'
import { FRAME_KIND, type FrameKind, FrameReader, frameHeader } from './frame-reader.js'
import type { PathTransport, TransportListener } from './path-transport.js'

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
export class StreamTransport implements PathTransport {
  readonly maxDataBytes = MAX_DATA_BYTES
  isWritable = true
  readonly #raw: RawDuplex
  #error: Error | null = null
  #isOver = false

  constructor(raw: RawDuplex) {
    this.#raw = raw
  }

  listen(listener: TransportListener): void {
    const raw = this.#raw
    const reader = new FrameReader(listener)
    const close = () => {
      if (this.#isOver) return
      this.#isOver = true
      listener.onClosed(this.#error)
    }
    raw.on('data', (bytes) => this.#read(reader, bytes))
    raw.on('drain', () => {
      this.isWritable = true
      listener.onWritable()
    })
    raw.on('error', (error) => {
      this.#error ??= error
    })
    raw.on('end', close)
    raw.on('close', close)
  }

  sendData(parts: readonly Uint8Array[]): number {
    return this.#send(FRAME_KIND.data, parts)
  }

  sendControl(sealed: Uint8Array): void {
    this.#send(FRAME_KIND.control, [sealed])
  }

  end(): void {
    this.#raw.end()
  }

  destroy(error: Error | null): void {
    this.#isOver = true
    this.#raw.destroy(error)
  }

  #read(reader: FrameReader, bytes: Uint8Array): void {
    if (this.#isOver) return
    try {
      reader.push(bytes)
    } catch (error) {
      this.#raw.destroy(error as Error)
    }
  }

  #send(kind: FrameKind, parts: readonly Uint8Array[]): number {
    const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
    const frame = [frameHeader(kind, byteLength), ...parts]
    const chunks = byteLength < SMALL_BYTES ? [b4a.concat(frame)] : frame
    if (!this.#raw.destroying) for (const chunk of chunks) this.isWritable = this.#raw.write(chunk)
    return byteLength
  }
}
