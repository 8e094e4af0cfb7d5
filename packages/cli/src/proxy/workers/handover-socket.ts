import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { ProxyError } from '@swarmway/proxy-protocol'
import type { StreamInfo } from '@swarmway/proxy-server'
import type { LinkTaker } from '@swarmway/proxy-server/websocket'
import { FirstBytes, type Rereadable } from './first-bytes.js'

const NEWLINE = 0x0a
/** More than the bytes held back of a link, as they follow the line. */
const MAX_HELD_BYTES = 1024 * 1024
const LINK_ID_BYTES = 16
/** How a client leaves whose WebSocket says so: its session waits for it only briefly, see `ProxyServer`. */
const GOING_AWAY = 'GOING_AWAY'

/** A link follows. */
interface Arrival extends StreamInfo {
  readonly link: string
}

/** The link ends for this reason, once all its bytes have been read. */
interface Departure {
  readonly goingAway: string
  readonly message: string
}

/** The line of JSON with which a connection to the socket begins. */
type FirstLine = Arrival | Departure

/** A link of another worker's. */
interface Visitor {
  reason: ProxyError | null
}

/**
 * Lets other workers hand over links through a local socket that only this user can reach. Each link begins with
 * a line of JSON: what is known of it (`StreamInfo`). Bytes cannot tell how a WebSocket was closed, so that has a
 * connection of its own.
 */
export function openHandoverSocket(path: string, taker: LinkTaker): Promise<Server> {
  const visitors = new Map<string, Visitor>()
  const server = createServer((socket) => {
    const onLine = (line: FirstLine, duplex: Socket): void => {
      if ('link' in line) takeOver(duplex, line, taker, visitors)
      else noteReason(duplex, line, visitors)
    }
    readFirstLine(socket, onLine)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Exclusive: otherwise node:cluster would share it among the workers.
    server.listen({ path, exclusive: true }, () => resolve(server))
  })
}

/** The way to the worker to which a link is handed over. */
export interface Handover {
  readonly socket: Socket
  /** Ends the link, and tells the worker why. */
  end(error: ProxyError): Promise<void>
}

/** Hands a link over to the worker behind `path`. Rejects, with nothing consumed, if no worker listens there. */
export async function connectHandoverSocket(path: string, info: StreamInfo): Promise<Handover> {
  const link = randomBytes(LINK_ID_BYTES).toString('hex')
  const socket = await open(path, { ...info, link })
  const end = async ({ message }: ProxyError): Promise<void> => {
    try {
      const notice = await open(path, { goingAway: link, message })
      notice.resume()
      // The worker ends it when it has taken note.
      await once(notice, 'close')
    } catch {
      // The worker is gone, and its sessions with it.
    } finally {
      socket.end()
    }
  }
  return { socket, end }
}

/** Carries bytes both ways until one side ends. */
export function join(outer: Rereadable, { socket, end }: Handover): void {
  carry(outer, socket, end)
  carry(socket, outer)
}

/**
 * Carries bytes one way: `pipe` needs streams, and a WebSocket is not a stream. An orderly end is passed on, also that of
 * a WebSocket whose client is going away; any other end destroys the other side.
 */
function carry(from: Rereadable, to: Rereadable, onGoingAway: Handover['end'] | null = null): void {
  let hasEnded = false
  from.on('data', (chunk) => {
    if (!to.write(chunk as Uint8Array)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => {
    hasEnded = true
    to.end()
  })
  from.on('error', (error) => {
    hasEnded = onGoingAway !== null && isGoingAway(error)
    if (hasEnded) void onGoingAway?.(error as ProxyError)
    else to.destroy()
  })
  from.on('close', () => {
    if (!hasEnded) to.destroy()
  })
}

function isGoingAway(error: unknown): boolean {
  return error instanceof ProxyError && error.code === GOING_AWAY
}

async function open(path: string, line: FirstLine): Promise<Socket> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.write(`${JSON.stringify(line)}\n`)
  return socket
}

function readFirstLine(socket: Socket, onLine: (line: FirstLine, duplex: Socket) => void): void {
  const onBytes = (bytes: Buffer): void => {
    const end = bytes.indexOf(NEWLINE)
    if (end < 0) return
    const line: FirstLine = JSON.parse(bytes.subarray(0, end).toString())
    first.release(() => onLine(line, socket), end + 1)
  }
  const first = new FirstBytes(socket, MAX_HELD_BYTES, onBytes, () => {})
}

function takeOver(socket: Socket, { link, ...info }: Arrival, taker: LinkTaker, visitors: Map<string, Visitor>): void {
  const visitor: Visitor = { reason: null }
  visitors.set(link, visitor)
  socket.on('close', () => visitors.delete(link))
  // Before the listener of the server, for which the link would end for no reason.
  socket.on('end', () => {
    if (visitor.reason !== null) socket.emit('error', visitor.reason)
  })
  taker.handleStream(socket, info)
}

function noteReason(notice: Socket, { goingAway, message }: Departure, visitors: Map<string, Visitor>): void {
  const visitor = visitors.get(goingAway)
  if (visitor !== undefined) visitor.reason = new ProxyError(GOING_AWAY, message)
  notice.end()
}
