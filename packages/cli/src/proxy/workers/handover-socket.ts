import { connect, createServer, type Server, type Socket } from 'node:net'
import type { StreamInfo } from '@swarmway/proxy-server'
import type { LinkTaker } from '@swarmway/proxy-server/websocket'
import { FirstBytes, type Rereadable } from './first-bytes.js'

const NEWLINE = 0x0a
/** More than the bytes held back of a link, as they follow the line. */
const MAX_HELD_BYTES = 1024 * 1024

/**
 * Lets other workers hand over links through a local socket that only this user can reach. Each link begins with
 * a line of JSON: what is known of it (`StreamInfo`).
 */
export function openHandoverSocket(path: string, taker: LinkTaker): Promise<Server> {
  const server = createServer((socket) => takeOver(socket, taker))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Exclusive: otherwise node:cluster would share it among the workers.
    server.listen({ path, exclusive: true }, () => resolve(server))
  })
}

/** Hands a link over to the worker behind `path`. Rejects, with nothing consumed, if no worker listens there. */
export async function connectHandoverSocket(path: string, info: StreamInfo): Promise<Socket> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.write(`${JSON.stringify(info)}\n`)
  return socket
}

/** Carries bytes both ways until one side ends. */
export function join(outer: Rereadable, inner: Rereadable): void {
  carry(outer, inner)
  carry(inner, outer)
}

/**
 * Carries bytes one way: `pipe` needs streams, and a WebSocket is not a stream. An orderly end is passed on; any other
 * end destroys the other side.
 */
function carry(from: Rereadable, to: Rereadable): void {
  let hasEnded = false
  from.on('data', (chunk) => {
    if (!to.write(chunk as Uint8Array)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => {
    hasEnded = true
    to.end()
  })
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (!hasEnded) to.destroy()
  })
}

function takeOver(socket: Socket, taker: LinkTaker): void {
  const onBytes = (bytes: Buffer): void => {
    const end = bytes.indexOf(NEWLINE)
    if (end < 0) return
    const info = JSON.parse(bytes.subarray(0, end).toString()) as StreamInfo
    first.release((duplex) => taker.handleStream(duplex, info), end + 1)
  }
  const first = new FirstBytes(socket, MAX_HELD_BYTES, onBytes, () => {})
}
