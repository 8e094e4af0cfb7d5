import { type Clock, type DuplexLike, Link } from '@swarmway/proxy-protocol'
import type { Connect } from '../../options.js'
import { openDuplex } from './open-duplex.js'

/** A server that has not answered by then counts as the farthest. */
const PATIENCE_MS = 2000

/** Milliseconds of a round trip by server, of those that answered. */
export type RoundTrips = ReadonlyMap<Connect, number>

/** A measurement that has begun. */
export interface Measurement {
  readonly trips: Promise<RoundTrips>
  /** Nobody waits any longer: ends the links. Servers that have not answered by then count as silent. */
  abandon(): void
}

/** Pings all servers, each over a link of its own that is closed afterwards. Nothing is greeted. */
export function measureRoundTrips(connects: readonly Connect[], clock: Clock): Measurement {
  const probes = connects.map((connect) => ({ connect, ...probe(connect, clock) }))
  return {
    trips: collect(probes),
    abandon: () => {
      for (const { abandon } of probes) abandon()
    }
  }
}

async function collect(probes: readonly { connect: Connect; ms: Promise<number> }[]): Promise<RoundTrips> {
  const trips = new Map<Connect, number>()
  await Promise.all(probes.map(async ({ connect, ms }) => trips.set(connect, await ms)))
  return new Map([...trips].filter(([, ms]) => ms >= 0))
}

/** The servers that answered, the nearest first. */
export function nearestFirst(trips: RoundTrips): Connect[] {
  return [...trips].sort(([, a], [, b]) => a - b).map(([connect]) => connect)
}

/** `ms` is -1 if there was no answer. */
function probe(connect: Connect, clock: Clock): { ms: Promise<number>; abandon(): void } {
  const opening = openDuplex(connect, clock, PATIENCE_MS)
  let isWanted = true
  let link: Link | null = null
  const ask = async (duplex: DuplexLike) => {
    link = new Link(duplex, null, { clock })
    await answered(link, clock)
    link.destroy()
    return link.rttMs
  }
  return {
    // It may have opened just before it was abandoned.
    ms: opening.duplex.then((duplex) => (isWanted ? ask(duplex) : unused(duplex))).catch(() => -1),
    abandon: () => {
      isWanted = false
      opening.abandon()
      link?.destroy()
    }
  }
}

function unused(duplex: DuplexLike): number {
  duplex.destroy()
  return -1
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
