import type { Server } from 'node:net'
import { type Clock, systemClock } from '@swarmway/proxy-protocol'

/** How long what is already connected has to ask, and to get its answer, once nobody else can connect. */
export const ANSWER_MS = 500

/**
 * Stops listening, answers the requests of connections that are there already, and hangs up: idle connections at once,
 * all others after `ANSWER_MS` at the latest. A load balancer that has just connected to ask for `/health` would
 * otherwise see a reset connection, which to it is a broken server and not one that is draining.
 */
export async function closeServer(server: Server, clock: Clock = systemClock): Promise<void> {
  // After this turn's connections have been accepted: those that wait when the socket closes are reset.
  await new Promise<void>((resolve) => setImmediate(resolve))
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = clock.setTimeout(() => hangUp(server), ANSWER_MS)
  await closed
  clock.clearTimeout(timer)
}

function hangUp(server: Server): void {
  if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections()
}
