import { until } from '../../../runtime/test/support/until.js'
import type { PeerStream, SessionOptions } from '../../src/index.js'
import { Rig } from './helpers.js'

const empty = new Uint8Array(0)

/** Two sessions, the first stream between them, and a way to open more. */
export async function openStream(
  b: Partial<SessionOptions> = {},
  a: Partial<SessionOptions> = {}
): Promise<{ rig: Rig; near: PeerStream; far: PeerStream; more: () => Promise<[PeerStream, PeerStream]> }> {
  const accepted: PeerStream[] = []
  const rig = new Rig(a, { ...b, onStream: (stream) => accepted.push(stream) }).connect()
  const more = async (): Promise<[PeerStream, PeerStream]> => {
    const stream = rig.a.openStream(empty)
    const count = accepted.length
    await until(() => accepted.length > count)
    return [stream, accepted.at(-1) as PeerStream]
  }
  const [near, far] = await more()
  return { rig, near, far, more }
}

export function readAll(stream: PeerStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  return new Promise((resolve) => {
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

export const finished = (stream: PeerStream): Promise<Error | null> =>
  new Promise((resolve) => {
    let failure: Error | null = null
    stream.on('error', (error) => {
      failure = error
    })
    stream.on('close', () => resolve(failure))
  })
