import type { Socket } from 'node:net'
import b4a from 'b4a'
import { createNoise, type NoiseState } from '../native.js'
import type { ServerKeyPair } from '../presence/envelope.js'
import { SealedDuplex } from './sealed-duplex.js'

/** A handshake message is a hundred bytes; a stranger can make this side buffer no more than this. */
const MAX_MESSAGE_BYTES = 512
const LENGTH_BYTES = 2

/** What a side needs for the handshake. */
export interface SecureOptions {
  readonly keyPair: ServerKeyPair
  /** What the servers of the fleet have in common; servers of other fleets fail in the handshake. */
  readonly fleetKey: Uint8Array
}

/** The end of the side that has connected, and knows whom it wants to reach. Null if the handshake fails. */
export function secureOut(
  socket: Socket,
  options: SecureOptions,
  remotePublicKey: Uint8Array
): Promise<SealedDuplex | null> {
  return secure(socket, createNoise(options.keyPair, options.fleetKey, remotePublicKey), async (noise) => {
    socket.write(framed(noise.send()))
    noise.recv(await readMessage(socket))
  })
}

/** The end of the side that was connected to. Null if the handshake fails. */
export function secureIn(socket: Socket, options: SecureOptions): Promise<SealedDuplex | null> {
  return secure(socket, createNoise(options.keyPair, options.fleetKey, null), async (noise) => {
    noise.recv(await readMessage(socket))
    socket.write(framed(noise.send()))
  })
}

async function secure(
  socket: Socket,
  noise: NoiseState,
  shake: (noise: NoiseState) => Promise<void>
): Promise<SealedDuplex | null> {
  try {
    await shake(noise)
    if (!noise.complete || socket.destroyed) throw new Error('the handshake is not finished')
    const { rs, rx, tx } = noise
    return new SealedDuplex(
      socket,
      { rx: b4a.from(rx.subarray(0, 32)), tx: b4a.from(tx.subarray(0, 32)) },
      b4a.from(rs)
    )
  } catch {
    socket.destroy()
    return null
  }
}

/** Length u16 (little-endian) and the message. */
function framed(message: Uint8Array): Uint8Array {
  return b4a.concat([b4a.from([message.byteLength & 0xff, message.byteLength >>> 8]), message])
}

/** The next message. What follows it stays in the socket. Rejects if the socket ends, or the message is too long. */
async function readMessage(socket: Socket): Promise<Uint8Array> {
  const length = await readBytes(socket, LENGTH_BYTES)
  const bytes = (length[0] ?? 0) + ((length[1] ?? 0) << 8)
  if (bytes > MAX_MESSAGE_BYTES) throw new Error(`a handshake message of ${bytes} bytes`)
  return readBytes(socket, bytes)
}

function readBytes(socket: Socket, count: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.removeListener('readable', onReadable)
      socket.removeListener('close', onClose)
    }
    const onReadable = (): void => {
      const bytes = socket.read(count) as Uint8Array | null
      if (bytes === null) return
      stop()
      if (bytes.byteLength === count) resolve(bytes)
      else reject(new Error('the connection ended'))
    }
    const onClose = (): void => {
      stop()
      reject(new Error('the connection ended'))
    }
    socket.on('readable', onReadable)
    socket.on('close', onClose)
    onReadable()
  })
}
