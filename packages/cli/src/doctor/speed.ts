import type { Connection } from '@swarmway/swarm'

const PINGS = 5
const CHUNK_BYTES = 64 * 1024

/** The measured speed of a connection. */
export interface Speed {
  /** The shortest round trip of several. */
  readonly roundTripMs: number
  readonly bytesPerSecond: number
}

/** Answers {@link measureSpeed} at the other end: each ping with a pong, and the whole transfer with one more. */
export function answerSpeed(connection: Connection, totalBytes: number): void {
  let seenBytes = 0
  connection.on('error', () => {})
  connection.on('data', (message) => {
    if (message.byteLength > 1) seenBytes += message.byteLength
    if (message.byteLength === 1 || seenBytes === totalBytes) connection.write(new Uint8Array(1))
  })
}

/** Measures a connection with {@link answerSpeed} at its other end. Rejects when it breaks. */
export async function measureSpeed(
  connection: Connection,
  totalBytes: number,
  now: () => number = () => performance.now()
): Promise<Speed> {
  let roundTripMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < PINGS; i++) {
    const beganMs = now()
    await answerTo(connection, () => connection.write(new Uint8Array(1)))
    roundTripMs = Math.min(roundTripMs, now() - beganMs)
  }
  const beganMs = now()
  await answerTo(connection, () => {
    for (let sent = 0; sent < totalBytes; sent += CHUNK_BYTES) {
      connection.write(new Uint8Array(Math.min(CHUNK_BYTES, totalBytes - sent)))
    }
  })
  return { roundTripMs, bytesPerSecond: (totalBytes * 1000) / (now() - beganMs) }
}

function answerTo(connection: Connection, ask: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAnswer = () => settle(resolve)
    const onClose = () => settle(() => reject(new Error('the connection closed')))
    const settle = (done: () => void) => {
      connection.off('data', onAnswer)
      connection.off('close', onClose)
      done()
    }
    connection.on('data', onAnswer).on('close', onClose)
    ask()
  })
}
