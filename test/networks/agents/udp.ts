/** Bare UDP sockets, to test the lab itself. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '../../../bench/lib/worker.ts'

const POLL_MS = 5

export interface SendParams {
  readonly fromPort: number
  readonly to: Pick<RemoteInfo, 'address' | 'port'>
  readonly text: string
}

const sockets = new Map<number, Socket>()
const received = new Map<string, RemoteInfo>()

serve({ open, receive, send, texts })

async function open(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('message', (data, from) => received.set(data.toString(), from))
  socket.bind(port, '0.0.0.0')
  await once(socket, 'listening')
  sockets.set(port, socket)
}

function send({ fromPort, text, to }: SendParams): void {
  sockets.get(fromPort)?.send(text, to.port, to.address)
}

/** Waits for a message. Resolves to where it seems to come from. */
async function receive(text: string): Promise<RemoteInfo> {
  for (;;) {
    const from = received.get(text)
    if (from !== undefined) return from
    await sleep(POLL_MS)
  }
}

/** All messages so far. */
function texts(): string[] {
  return [...received.keys()]
}
