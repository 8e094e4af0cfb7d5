import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { badOption } from '@swarmway/runtime'
import { NetworkPlaces, networkOrOwn } from '../../fairness/network-places.js'

/** Each open page takes one or two connections. */
const MAX_CONNECTIONS = 100
/** Milliseconds for a whole request, its body included. Node's default is five minutes. */
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Creates the HTTP server of a status page or of metrics, not listening yet: for a few readers, whom one stranger cannot keep
 * out. It has 100 connections at most; for one more, one of the IPv4 address or IPv6 /48 with the most gives way. A connection
 * is closed whose request takes longer than `requestTimeoutMs` to arrive, its body included; default: 10 seconds.
 * @throws TypeError for a bad timeout
 */
export function createStatusServer(answer: RequestListener, requestTimeoutMs = REQUEST_TIMEOUT_MS): Server {
  if (!Number.isSafeInteger(requestTimeoutMs) || requestTimeoutMs < 1)
    throw badOption('requestTimeoutMs must be a positive integer')
  const timeouts = {
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 4)
  }
  const server = createServer(timeouts, answer)
  const places = new NetworkPlaces<Socket>()
  server.on('connection', (socket: Socket) => {
    places.set(socket, networkOrOwn(socket.remoteAddress))
    socket.on('close', () => places.delete(socket))
    if (places.size > MAX_CONNECTIONS) cutOldest(places)
  })
  return server
}

function cutOldest(places: NetworkPlaces<Socket>): void {
  const [largest] = places.largestFirst()
  const [oldest] = largest?.holders ?? []
  if (oldest === undefined) return
  // Not when it is closed: until then, others would give way in its place.
  places.delete(oldest)
  oldest.destroy()
}
