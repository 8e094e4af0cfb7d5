import { createHash } from 'node:crypto'
import type { PathStream } from '../../src/paths/path-stream.js'

/** What a reader has had so far. */
export interface Reading {
  bytes: number
  hasEnded: boolean
  error: Error | null
  isClosed: boolean
  digest(): string
}

/** Reads everything, and tells how far it is. */
export function readAll(stream: PathStream): Reading {
  const hash = createHash('sha256')
  const reading: Reading = { bytes: 0, hasEnded: false, error: null, isClosed: false, digest: () => hash.digest('hex') }
  stream.on('data', (data) => {
    const chunk = data as Uint8Array
    hash.update(chunk)
    reading.bytes += chunk.byteLength
  })
  stream.on('end', () => {
    reading.hasEnded = true
  })
  stream.on('error', (error) => {
    reading.error = error
  })
  stream.on('close', () => {
    reading.isClosed = true
  })
  return reading
}

/** Writes random chunks at the pace of the stream, then ends it. Returns what was written, hashed. */
export async function writeAll(stream: PathStream, total: number, random: (below: number) => number): Promise<string> {
  const hash = createHash('sha256')
  for (let left = total; left > 0; ) {
    const chunk = new Uint8Array(Math.min(left, 1 + random(random(4) === 0 ? 100_000 : 2000)))
    for (let i = 0; i < chunk.byteLength; i += 7) chunk[i] = random(256)
    hash.update(chunk)
    left -= chunk.byteLength
    if (!stream.write(chunk)) await drained(stream)
    if (stream.destroying) throw new Error('the stream was destroyed')
  }
  stream.end(undefined)
  return hash.digest('hex')
}

/** The hash of all these, as of a {@link Reading}. */
export function digestOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Resolves when the stream takes more, or has closed. */
export function drained(stream: PathStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}
