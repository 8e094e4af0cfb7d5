/** One end of a connection that carries a lot. */
import { randomBytes } from 'node:crypto'
import type { Address, AnyConnection } from '../lib/modules.ts'
import { createSwarm, type System } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

const CHUNK_BYTES = 65_536

let connected: Promise<AnyConnection> | null = null

serve({ start, send, receive })

/** Joins the topic, in hex, and prepares for one connection. */
async function start(params: {
  system: System
  bootstrap: Address[]
  topic: string
  isServer: boolean
}): Promise<void> {
  const { swarm } = await createSwarm(params.system, params.bootstrap)
  connected = new Promise((resolve) => swarm.on('connection', resolve))
  const mode = { client: !params.isServer, server: params.isServer }
  await swarm.join(Buffer.from(params.topic, 'hex'), mode).flushed()
}

/** Writes as much as the connection takes. */
async function send({ bytes }: { bytes: number }): Promise<void> {
  const connection = await open()
  const chunk = randomBytes(CHUNK_BYTES)
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
    if (!connection.write(chunk)) await new Promise<void>((resolve) => connection.once('drain', resolve))
  }
}

/** Resolves to the milliseconds from the first byte to the last. */
async function receive({ bytes }: { bytes: number }): Promise<number> {
  const connection = await open()
  let received = 0
  let began = 0
  return new Promise((resolve) => {
    connection.on('data', (data) => {
      if (received === 0) began = performance.now()
      received += data.byteLength
      if (received >= bytes) resolve(performance.now() - began)
    })
  })
}

function open(): Promise<AnyConnection> {
  if (connected === null) throw new Error('start comes first')
  return connected
}
