import type { Server as HttpServer } from 'node:http'
import type { Server } from 'node:net'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'

/** How long open connections may still send a request and receive the answer after the port has closed. */
export const ANSWER_MS = 500

/**
 * Stops listening, answers requests on open connections, and hangs up: idle connections at once, all others
 * after `ANSWER_MS` at the latest. A load balancer that has just connected to ask for `/health` would otherwise see a
 * reset connection, and take the server for broken instead of draining.
 */
export async function closeServer(server: Server, clock: Clock = systemClock): Promise<void> {
  // Waits until this turn's connections have been accepted: those pending when the socket closes are reset.
  await new Promise<void>((resolve) => setImmediate(resolve))
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = clock.setTimeout(() => hangUp(server), ANSWER_MS)
  await closed
  clock.clearTimeout(timer)
}

function hangUp(server: Server | HttpServer): void {
  if ('closeAllConnections' in server) server.closeAllConnections()
}
