import type { OtherServer } from '@swarmway/proxy-protocol'

/** The least weight of a server: one that is full today may be the only one tomorrow. */
const MIN_ROOM = 0.05
/** The weight of a server whose room is not known. */
const UNKNOWN_ROOM = 0.5

/** The free part of a server. */
export function roomOf(server: OtherServer | undefined): number {
  if (server === undefined) return UNKNOWN_ROOM
  const { clients, maxClients } = server
  return Math.max(MIN_ROOM, maxClients === 0 ? 0 : 1 - clients / maxClients)
}

/** A random order, weighted by room: each draws a number, the larger the more room it has. */
export function inRandomOrder<T>(items: readonly T[], room: (item: T) => number, random: () => number): T[] {
  const ranked = items.map((item) => ({ item, rank: random() ** (1 / room(item)) }))
  return ranked.sort((a, b) => b.rank - a.rank).map(({ item }) => item)
}

/** Whether these are the URLs of one server. */
export function isSameUrl(url: string | undefined, other: string): boolean {
  return url !== undefined && url.replace(/\/$/, '') === other.replace(/\/$/, '')
}
