import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import type { ProxyClient } from '../../src/index.js'
import { send } from './transfer.js'

const HEADER_BYTES = 4

/**
 * One end of a transfer both ways that outlives its connections, as an application would write it: on each connection,
 * each end says how many bytes it has, and the other resumes there. Bytes that a connection delivers twice, leaves out
 * or mixes up are seen in the hash.
 */
export class ResumingTransfer {
  /** Bytes received. */
  received = 0
  /** Connections so far. */
  connections = 0
  readonly #sent: Uint8Array
  readonly #hash = createHash('sha256')
  #current: Connection | null = null
  #limit = Number.POSITIVE_INFINITY

  /** The end at this client, which is connected to nobody else. It sends `bytes` random ones. */
  constructor(client: ProxyClient, bytes: number) {
    this.#sent = randomBytes(bytes)
    client.on('connection', (connection) => this.#begin(connection))
  }

  /** The hash of what it sends. */
  get sentHash(): string {
    return createHash('sha256').update(this.#sent).digest('hex')
  }

  /** The hash of what it has received. */
  get receivedHash(): string {
    return this.#hash.copy().digest('hex')
  }

  /** The present connection is read until so many bytes have come, so that a test can do something in mid-transfer. */
  set limit(bytes: number) {
    this.#limit = bytes
    if (this.received < bytes) this.#current?.resume()
  }

  #begin(connection: Connection): void {
    this.connections++
    this.#current = connection
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt32LE(this.received)
    connection.write(header)
    let start: Buffer | null = Buffer.alloc(0)
    connection.on('error', () => {})
    connection.on('data', (chunk) => {
      if (start === null) return this.#take(connection, chunk)
      start = Buffer.concat([start, chunk])
      if (start.byteLength < HEADER_BYTES) return
      void send(connection, this.#sent.subarray(start.readUInt32LE()))
      this.#take(connection, start.subarray(HEADER_BYTES))
      start = null
    })
  }

  #take(connection: Connection, chunk: Uint8Array): void {
    // What an earlier connection still had is sent again by the present one.
    if (connection !== this.#current) return
    this.received += chunk.byteLength
    this.#hash.update(chunk)
    if (this.received >= this.#limit) connection.pause()
  }
}
