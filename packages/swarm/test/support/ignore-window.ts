import { DEFAULT_WINDOW_BYTES, findWindowWord, type UdxStream } from '../../src/native/receive-window/window-word.js'

type RawStream = UdxStream & { readonly destroyed: boolean }
type CreateRawStream = (options?: object) => object

const NOTHING = new Uint8Array(0)

/**
 * Lets a stream receive what a sender would send that ignores the window. Senders that do so need a UDX of their own;
 * for this stream, the same comes of telling them the whole window whatever the reader does.
 */
export async function ignoreWindow(rawStream: object | null): Promise<void> {
  const raw = rawStream as RawStream
  const word = await findWindowWord(raw.udx)
  if (word === null) throw new Error('the window of this build of udx-native was not found')
  const open = () => {
    raw._view[word] = DEFAULT_WINDOW_BYTES
  }
  const push = raw.push.bind(raw)
  raw.push = (chunk) => {
    const more = push(chunk)
    open()
    return more
  }
  const look = () => {
    if (raw.destroyed) return
    if (raw._view[word] !== DEFAULT_WINDOW_BYTES) raw.trySend(NOTHING)
    open()
    setImmediate(look)
  }
  look()
}

/** Does the same for all streams that a DHT node makes from now on. */
export function ignoreWindows<N extends object>(node: N): N {
  const made = node as { createRawStream: CreateRawStream }
  const create = made.createRawStream.bind(node)
  made.createRawStream = (options) => {
    const stream = create(options)
    void ignoreWindow(stream)
    return stream
  }
  return node
}
