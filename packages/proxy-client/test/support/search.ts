import { FRAME, FrameDecoder } from '@swarmway/proxy-protocol'
import b4a from 'b4a'

const WINDOW_BYTES = 16

/** In how many places `haystack` has 16 bytes that also occur in `needle`. */
export function sharedWindows(needle: Uint8Array, haystack: Uint8Array): number {
  const windows = new Set<string>()
  const [from, into] = [latin1(needle), latin1(haystack)]
  for (let i = 0; i + WINDOW_BYTES <= from.length; i++) windows.add(from.slice(i, i + WINDOW_BYTES))
  let found = 0
  for (let i = 0; i + WINDOW_BYTES <= into.length; i++) if (windows.has(into.slice(i, i + WINDOW_BYTES))) found++
  return found
}

/** What one direction of a link has carried, without framing: the bytes of each stream, and all other bodies. */
export function deframe(bytes: Uint8Array): Uint8Array[] {
  const streams = new Map<number, Uint8Array[]>()
  const decoder = new FrameDecoder(1 << 24, (type, body) => {
    const isData = type === FRAME.STREAM_DATA
    const id = isData ? new DataView(body.buffer, body.byteOffset).getUint32(0, true) : -1
    const parts = streams.get(id) ?? []
    parts.push(b4a.from(isData ? body.subarray(4) : body))
    streams.set(id, parts)
  })
  decoder.push(bytes)
  return [...streams.values()].map((parts) => b4a.concat(parts))
}

function latin1(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'latin1')
}
