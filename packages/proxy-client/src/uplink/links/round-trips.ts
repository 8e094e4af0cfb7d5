import { type Clock, Link } from '@swarmway/proxy-protocol'
import type { Connect } from '../../options.js'
import { openDuplex } from './open-duplex.js'

/** A server that has not answered by then counts as the farthest. */
const PATIENCE_MS = 2000

/** Milliseconds of a round trip by server, of those that answered. */
export type RoundTrips = ReadonlyMap<Connect, number>

/** Pings all servers, each over a link of its own that is closed afterwards. Nothing is greeted. */
export async function measureRoundTrips(connects: readonly Connect[], clock: Clock): Promise<RoundTrips> {
  const trips = new Map<Connect, number>()
  await Promise.all(connects.map(async (connect) => trips.set(connect, await roundTrip(connect, clock))))
  return new Map([...trips].filter(([, ms]) => ms >= 0))
}

/** The servers that answered, the nearest first. */
export function nearestFirst(trips: RoundTrips): Connect[] {
  return [...trips].sort(([, a], [, b]) => a - b).map(([connect]) => connect)
}

/** -1 if there was no answer. */
async function roundTrip(connect: Connect, clock: Clock): Promise<number> {
  try {
    const link = new Link(await openDuplex(connect, clock, PATIENCE_MS).duplex, null, { clock })
    await answered(link, clock)
    link.destroy()
    return link.rttMs
  } catch {
    return -1
  }
}

/** Resolves when the link has answered a ping, has ended, or takes too long. */
function answered(link: Link, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => link.destroy(), PATIENCE_MS)
    const done = () => {
      clock.clearTimeout(timer)
      resolve()
    }
    link.handler = { onFrame: () => link.destroy(), onPong: done, onClose: done }
    link.ping()
  })
}
