import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import b4a from 'b4a'
import { expect } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'

const CHUNK_BYTES = 64 * 1024

/** Checks that a text sent at each end arrives at the other. */
export async function echo(near: Connection, far: Connection, text = 'hello'): Promise<void> {
  for (const [from, to] of [
    [near, far],
    [far, near]
  ] as const) {
    const received = collect(to, text.length)
    from.write(b4a.from(text))
    expect(b4a.toString(await received)).toBe(text)
  }
}

/** Sends random bytes both ways at once and compares what arrives. */
export async function exchange(near: Connection, far: Connection, bytes: number): Promise<void> {
  const [there, back] = [randomBytes(bytes), randomBytes(bytes)]
  const arrived = [collect(far, bytes), collect(near, bytes)] as const
  await Promise.all([send(near, there), send(far, back)])
  const [atFar, atNear] = await Promise.all(arrived)
  expect(b4a.equals(atFar, there) && b4a.equals(atNear, back)).toBe(true)
}

/** Writes everything, with back-pressure. Resolves when the last chunk was accepted or the connection has ended. */
export async function send(connection: Connection, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.byteLength && !connection.destroying; at += CHUNK_BYTES) {
    if (!connection.write(data.subarray(at, at + CHUNK_BYTES))) await drained(connection)
  }
}

/** Resolves when the connection wants more, or has ended. */
export function drained(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      connection.removeListener('drain', done)
      connection.removeListener('close', done)
      resolve()
    }
    connection.on('drain', done)
    connection.on('close', done)
  })
}

/** The next `bytes` bytes. */
export async function collect(connection: Connection, bytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const onData = (chunk: Uint8Array) => {
    chunks.push(chunk)
    length += chunk.byteLength
  }
  connection.on('data', onData)
  await until(`${bytes} bytes`, () => length >= bytes || connection.destroyed)
  connection.removeListener('data', onData)
  return b4a.concat(chunks)
}

/** Counts and hashes the bytes that arrive. */
export function digest(connection: Connection): { bytes: number; hash(): string } {
  const hash = createHash('sha256')
  const state = { bytes: 0, hash: () => hash.copy().digest('hex') }
  connection.on('data', (chunk) => {
    state.bytes += chunk.byteLength
    hash.update(chunk)
  })
  return state
}

/** The hash of the given bytes, for comparison. */
export function hashOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Resolves when the connection has closed. */
export async function closed(connection: Connection): Promise<void> {
  if (!connection.destroyed) await new Promise<void>((resolve) => connection.once('close', resolve))
}

/** Resolves with the error that ends the connection. */
export function failure(connection: Connection): Promise<Error & { code?: string }> {
  return new Promise((resolve) => connection.once('error', resolve))
}
