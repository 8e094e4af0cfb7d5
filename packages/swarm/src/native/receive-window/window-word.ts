/** The part of a UDX stream that is used here. */
export interface UdxStream {
  readonly udx: Udx
  /** Milliseconds, smoothed; 0 before the first acknowledgement. */
  readonly rtt: number
  /** The memory of the native stream, from which udx-native itself reads `rtt`, `cwnd` and others. */
  readonly _view: Uint32Array
  push(chunk: Uint8Array | null): boolean
  /** Sends an unordered message; does nothing once the stream is closed. */
  trySend(message: Uint8Array): void
  destroy(error?: Error): void
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
}

interface TestStream extends UdxStream {
  connect(socket: TestSocket, remoteId: number, port: number, host: string): void
  once(event: 'message' | 'close', listener: () => void): unknown
}

interface TestSocket {
  bind(port: number, host: string): void
  address(): { port: number }
  close(): Promise<unknown>
}

/** The part of UDX that is used here. */
export interface Udx {
  createSocket(): TestSocket
  createStream(id: number): TestStream
}

/** What both words hold in a new stream: UDX_DEFAULT_RWND_MAX of libudx. */
export const DEFAULT_WINDOW_BYTES = 4 * 1024 * 1024
const HOST = '127.0.0.1'
/** Any value that no stream has otherwise. */
const TEST_WINDOW_BYTES = 123_456
/** Nothing waits for the test, so the limit only ends it where loopback is blocked. */
const TEST_LIMIT_MS = 10_000

/** A process can hold several copies of udx-native; each is tested once. */
const found = new WeakMap<object, Promise<number | null>>()

/**
 * Where a UDX stream keeps its receive window (`recv_rwnd_max`): an index into `_view`, or null with a build of
 * udx-native in which it cannot be found. The place is found by its content, and then tried out over loopback, because
 * udx-native has no call for it.
 */
export function findWindowWord(udx: Udx): Promise<number | null> {
  const known = found.get(udx.constructor)
  if (known !== undefined) return known
  const word = tryOut(udx).catch(() => null)
  found.set(udx.constructor, word)
  return word
}

/** In a new stream the send window and the receive window are neighbours and hold the same value. */
export function candidateWord(view: Uint32Array): number | null {
  const isPair = (word: number, i: number) => word === DEFAULT_WINDOW_BYTES && view[i - 1] === DEFAULT_WINDOW_BYTES
  const index = view.findIndex(isPair)
  return index === view.findLastIndex(isPair) && index > 0 ? index : null
}

/** What one stream writes into its receive window must appear as the send window of the stream at the other end. */
async function tryOut(udx: Udx): Promise<number | null> {
  const [from, to] = [udx.createStream(1), udx.createStream(2)]
  const sockets: TestSocket[] = []
  try {
    const word = candidateWord(from._view)
    if (word === null) return null
    const open = () => openSocket(udx, sockets)
    const [near, far] = [open(), open()]
    from.connect(near, 2, far.address().port, HOST)
    to.connect(far, 1, near.address().port, HOST)
    from._view[word] = TEST_WINDOW_BYTES
    from.trySend(new Uint8Array(0))
    await messageAt(to)
    return to._view[word - 1] === TEST_WINDOW_BYTES ? word : null
  } finally {
    await Promise.all([from, to].map(closed))
    await Promise.all(sockets.map((socket) => socket.close()))
  }
}

function openSocket(udx: Udx, opened: TestSocket[]): TestSocket {
  const socket = udx.createSocket()
  opened.push(socket)
  socket.bind(0, HOST)
  return socket
}

/** UDX reads the window of a packet right after it has delivered the message, hence the extra turn. */
function messageAt(stream: TestStream): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, TEST_LIMIT_MS)
    stream.once('message', () => {
      clearTimeout(timer)
      setTimeout(resolve, 0)
    })
  })
}

function closed(stream: TestStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve)
    stream.destroy()
  })
}
