import type { Clock, OtherServer } from '@swarmway/proxy-protocol'
import type { ClientSession } from './client-session.js'

/** Waves in which clients are sent away: not all at once, and no server gets all of them. */
const WAVES = 10
const POLL_MS = 20

/** A client that is sent away. */
export type LeavingClient = Pick<ClientSession, 'attached' | 'handOver'>

/** What a hand-over needs. */
export interface HandOverOptions {
  /** The servers that take clients, as they are now. */
  readonly servers: () => readonly OtherServer[]
  readonly clock: Clock
  /** Milliseconds for all of it. */
  readonly withinMs: number
}

/**
 * Sends the clients of a server that stops to the others, in waves, to each server as many as it has room for. Resolves when
 * all have left, or when the time is over.
 */
export async function handOver(sessions: ReadonlySet<LeavingClient>, options: HandOverOptions): Promise<void> {
  const { clock, servers, withinMs } = options
  const endMs = clock.now() + withinMs
  const all = [...sessions].filter(({ attached }) => attached)
  const sent = new Map<string, number>()
  for (let wave = 0; wave < WAVES && all.some(isThere); wave++) {
    const leftMs = Math.max(0, endMs - clock.now())
    const [from, to] = [wave, wave + 1].map((n) => Math.floor((n * all.length) / WAVES))
    for (const session of all.slice(from, to)) session.handOver(nextServer(servers(), sent), leftMs)
    await pause(clock, withinMs / (2 * WAVES))
  }
  // Without a server that takes them, those that are still here have nowhere to go.
  while (clock.now() < endMs && servers().length > 0 && all.some(isThere)) await pause(clock, POLL_MS)
}

function isThere({ attached }: LeavingClient): boolean {
  return attached
}

/** The server with the largest free part, counting those that were sent there; '' if there is none. */
function nextServer(servers: readonly OtherServer[], sent: Map<string, number>): string {
  const loadOf = ({ clients, maxClients, url }: OtherServer) =>
    (clients + (sent.get(url) ?? 0)) / Math.max(1, maxClients)
  const [first, ...others] = servers
  if (first === undefined) return ''
  const { url } = others.reduce((best, server) => (loadOf(server) < loadOf(best) ? server : best), first)
  sent.set(url, (sent.get(url) ?? 0) + 1)
  return url
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, ms)
  })
}
