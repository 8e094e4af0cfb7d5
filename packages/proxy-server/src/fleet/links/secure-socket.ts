import type { Socket } from 'node:net'
import { NoiseSecretStream, type SecretStream } from '../native.js'
import type { ServerKeyPair } from '../presence/envelope.js'

/** Length of the handshake's first message, at most: it is a hundred bytes. */
const MAX_FIRST_BYTES = 256
const LENGTH_BYTES = 3
/** What a stranger may send in all before its key is known. */
const MAX_STRANGER_BYTES = 4096

/** The encrypted end of the side that has connected, and knows whom it wants to reach. */
export function secureOut(socket: Socket, keyPair: ServerKeyPair, remotePublicKey: Uint8Array): SecretStream {
  return new NoiseSecretStream(true, socket, { pattern: 'IK', keyPair, remotePublicKey })
}

/**
 * The encrypted end of the side that was connected to. Resolves when the handshake is done, to null if it failed: a stranger
 * can make this side buffer a few kilobytes and no more.
 */
export async function secureIn(socket: Socket, keyPair: ServerKeyPair): Promise<SecretStream | null> {
  const first = await firstChunk(socket)
  if (first === null) return null
  socket.unshift(first)
  const stream = new NoiseSecretStream(false, socket, { pattern: 'IK', keyPair })
  stream.on('error', ignore)
  let bytes = 0
  const count = (chunk: Uint8Array): void => {
    bytes += chunk.byteLength
    if (bytes > MAX_STRANGER_BYTES) stream.destroy()
  }
  socket.on('data', count)
  // The secret stream listens by then.
  setImmediate(() => socket.resume())
  const isOpen = await stream.opened
  socket.removeListener('data', count)
  return isOpen ? stream : null
}

/** Null if the socket ends, or does not begin with the length of a handshake message. */
function firstChunk(socket: Socket): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const onData = (chunk: Uint8Array): void => {
      socket.removeListener('close', onClose)
      socket.pause()
      resolve(lengthOf(chunk) <= MAX_FIRST_BYTES ? chunk : null)
    }
    const onClose = (): void => resolve(null)
    socket.once('data', onData)
    socket.once('close', onClose)
  })
}

function lengthOf(chunk: Uint8Array): number {
  if (chunk.byteLength < LENGTH_BYTES) return Number.POSITIVE_INFINITY
  const [low = 0, middle = 0, high = 0] = chunk
  return low + (middle << 8) + (high << 16)
}

function ignore(): void {}
