/** A swarm that carries a bulk transfer, or echoes that are timed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnySwarm } from '../../../bench/lib/modules.ts'
import { plainPeer } from '../../../bench/lib/plain-peer.ts'
import { serve } from '../../../bench/lib/worker.ts'
import { nowMs } from '../lab/now.ts'
import { type Connection, loadRtc, makeSwarm, onConnection, type SwarmParams } from './swarms.ts'

const CHUNK = Buffer.alloc(65_536, 7)
const ECHO_BYTES = 100
const ECHO_EVERY_MS = 50
/** How long to wait for the last echoes. */
const LAST_ECHO_MS = 5000
const POLL_MS = 5

export interface TrafficParams extends SwarmParams {
  /** Hex, one or more. */
  readonly topics: readonly string[]
  /** Whether to send back whatever arrives. */
  readonly isEcho?: boolean
}

export interface OnParams {
  /** Whom to send to: the peer's key, in hex. */
  readonly key: string
  readonly durationMs: number
}

const connections = new Map<string, Connection>()
let swarm: AnySwarm | null = null
let receivedBytes = 0
let isEchoing = false

/** A plain data channel, which sends back whatever arrives until `beSilent`, as if its peer had a key of zeros. */
const plain = plainPeer(loadRtc, (connection) => {
  isEchoing = true
  take(connection as unknown as Connection)
})

serve({ beSilent, bulk, connected, echo, join, path, received, ...plain })

/** Resolves to the own key in hex when all topics are announced. */
async function join({ isEcho = false, topics, ...params }: TrafficParams): Promise<string> {
  const made = makeSwarm(params)
  swarm = made
  isEchoing = isEcho
  onConnection(made, take)
  await Promise.all(topics.map((topic) => made.join(Buffer.from(topic, 'hex')).flushed()))
  return Buffer.from(swarm.keyPair.publicKey).toString('hex')
}

function take(connection: Connection): void {
  const key = Buffer.from(connection.remotePublicKey).toString('hex')
  connections.set(key, connection)
  connection.on('data', (data) => {
    receivedBytes += data.length
    if (isEchoing) connection.write(data)
  })
  connection.once('close', () => {
    if (connections.get(key) === connection) connections.delete(key)
  })
}

/** Resolves when there is a connection with this peer. */
async function connected(key: string): Promise<void> {
  while (!connections.has(key)) await sleep(POLL_MS)
}

/** Sends nothing back any more. */
function beSilent(): void {
  isEchoing = false
}

/** How the connection with this peer is carried. */
function path(key: string): string | null {
  return connectionWith(key).path ?? null
}

function received(): number {
  return receivedBytes
}

/** Writes as much as is taken. */
async function bulk({ durationMs, key }: OnParams): Promise<void> {
  const connection = connectionWith(key)
  const endMs = nowMs() + durationMs
  while (nowMs() < endMs) {
    const isTaken = connection.write(CHUNK)
    const drained = new Promise<void>((resolve) => connection.once('drain', resolve))
    await (isTaken ? sleep(0) : Promise.race([drained, sleep(Math.max(0, endMs - nowMs()))]))
  }
}

/** Times small messages that the peer sends back, in milliseconds. One that never came back is null. */
async function echo({ durationMs, key }: OnParams): Promise<(number | null)[]> {
  const connection = connectionWith(key)
  const sent: number[] = []
  const times: number[] = []
  let bytes = 0
  const onData = (data: Uint8Array): void => {
    bytes += data.length
    while (times.length < Math.floor(bytes / ECHO_BYTES)) times.push(nowMs() - (sent[times.length] ?? 0))
  }
  connection.on('data', onData)
  const endMs = nowMs() + durationMs
  for (; nowMs() < endMs; await sleep(ECHO_EVERY_MS)) {
    sent.push(nowMs())
    connection.write(Buffer.alloc(ECHO_BYTES, 1))
  }
  while (times.length < sent.length && nowMs() < endMs + LAST_ECHO_MS) await sleep(POLL_MS)
  connection.removeListener('data', onData)
  return sent.map((_, index) => times[index] ?? null)
}

function connectionWith(key: string): Connection {
  const connection = connections.get(key)
  if (connection === undefined) throw new Error('There is no connection with this peer.')
  return connection
}
